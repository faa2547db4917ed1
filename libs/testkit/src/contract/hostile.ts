// What a hostile client sends: bodies that are no JSON or too much of it, headers, queries and paths that lead astray. Data only.
// Everything here is a request that an HTTP client can send; what breaks HTTP itself is a matter of the edge's own tests.

const deep = (open: string, close: string, levels: number): string =>
  open.repeat(levels) + close.repeat(levels);
const kib = 1_024;

/** Texts and bytes, sent as they are. */
export const hostileBodies: readonly (Buffer | string)[] = [
  '{',
  '}',
  '{"name":',
  '[]',
  '"text"',
  '0',
  'null',
  'true',
  'undefined',
  '{}garbage',
  '\ufeff{}',
  '{"plaintext":1e999}',
  '{"plaintext":"\\ud800"}',
  '{"ciphertext":"\\u0000"}',
  '{"aad":["a","b"],"aad":["c"]}',
  '{"__proto__":{"isAdmin":true}}',
  '{"constructor":{"prototype":{"isAdmin":true}}}',
  '{"metadata":{"collectionTotal":1},"resources":[{"__proto__":{},"name":"polluted"}]}',
  '{"metadata":{"collectionTotal":1e100},"resources":[{}]}',
  '{"metadata":null,"resources":null}',
  `{"aad":${JSON.stringify(Array.from({ length: 5_000 }, () => 'a'))}}`,
  deep('[', ']', 20_000),
  deep('{"a":', '}', 33),
  `{"a":${deep('[', ']', 31)}}`,
  `{"plaintext":"${'QUJD'.repeat(12 * kib)}"}`,
  'a'.repeat(300 * kib),
  `{"name":"${'é'.repeat(8 * kib)}"}`,
  Buffer.from([0x7b, 0xff, 0xfe, 0x7d]),
  Buffer.from([0xc0, 0xaf, 0xe2, 0x28, 0xa1]),
  Buffer.alloc(kib),
  'grant_type=urn%3Aibm%3Aparams%3Aoauth%3Agrant-type%3Aapikey&apikey=none',
];

/** Headers in place of right ones; an empty text takes one away. */
export const hostileHeaders: readonly Readonly<Record<string, string>>[] = [
  { authorization: '' },
  { authorization: 'Bearer' },
  { authorization: 'Bearer ' },
  { authorization: `Bearer ${'a'.repeat(4 * kib)}` },
  { authorization: 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJyb290In0.' },
  { authorization: 'Basic YTpi' },
  { 'bluemix-instance': '' },
  { 'bluemix-instance': 'crn:v1:bluemix:public:kms:us-south:a/1:2::' },
  { 'bluemix-instance': '00000000-0000-4000-8000-000000000000' },
  { 'bluemix-instance': '../../admin' },
  { 'x-kms-key-ring': ' ' },
  { 'x-kms-key-ring': 'a'.repeat(200) },
  { 'x-kms-key-ring': '__proto__' },
  { prefer: 'return=everything, wait=1000000' },
  { prefer: 'a'.repeat(2 * kib) },
  { 'correlation-id': '${jndi:ldap://localhost/a}' },
  { 'correlation-id': '"><script>alert(1)</script>' },
  { 'idempotency-key': 'a'.repeat(65) },
  { 'idempotency-key': 'with blank' },
  { 'content-type': 'application/xml' },
  { 'content-encoding': 'gzip' },
  { 'content-type': 'multipart/form-data; boundary=x' },
  { 'if-match': '"' },
  { 'x-forwarded-for': '10.0.0.1', 'x-http-method-override': 'DELETE' },
  { 'x-padding': 'a'.repeat(20 * kib) },
];

/** Whole queries. */
export const hostileQueries: readonly string[] = [
  '?',
  '?&&&=',
  '?limit=0',
  '?limit=5001',
  '?limit=99999999999999999999',
  '?limit=1&limit=2',
  '?limit=0x10&offset=-1',
  '?offset=1e3',
  '?sort=__proto__',
  '?state=0,1,2,3,4,5,6',
  '?state[]=1',
  '?filter=%00',
  `?filter=${'('.repeat(2 * kib)}`,
  `?search=${'%25'.repeat(kib)}`,
  '?search=exact:not:escape:*',
  "?filter=state%3D1'%20OR%20'1'%3D'1",
  '?action=constructor',
  '?policy=toString',
  '?force=TRUE&force=false',
  '?totalCount=%E0%A4%A',
  '?%ff=%fe',
];

/** Parameters of paths, encoded as far as a URL must be. */
export const hostileSegments: readonly string[] = [
  '%00',
  '%2e%2e%2f%2e%2e%2fetc%2fpasswd',
  '..%5c..',
  '%ff%fe',
  '%E0%A4%A',
  '%',
  '__proto__',
  'constructor',
  'registrations',
  'actions',
  '%20',
  '%F0%9F%94%91',
  'a'.repeat(2 * kib),
  "'%20OR%201=1--",
  '%3Cscript%3E',
  '*',
  '00000000-0000-0000-0000-000000000000',
];

/** Methods that a path may not have. */
export const hostileMethods: readonly string[] = [
  'OPTIONS',
  'TRACE',
  'PUT',
  'DELETE',
  'HEAD',
  'PROPFIND',
  'PATCH',
];
