// Every limit of the contract (reference §23) where it is parsed: its last value passes, the next one is refused by name. What a gateway
// limits besides is in docs/limits.md.
import { describe, expect, it } from 'vitest';
import type { OperationName } from './operations.ts';
import { parseOperation, type OperationInput } from './parse-operation.ts';

type Wanted = 'passes' | { readonly code: string; readonly name?: string };
type Row = readonly [
  what: string,
  operation: OperationName,
  input: Partial<OperationInput>,
  Wanted,
];

const text = (length: number): string => 'x'.repeat(length);
/** Two UTF-16 units each: limits count characters. */
const emoji = (length: number): string => '😀'.repeat(length);
const base64 = (sizeBytes: number): string => Buffer.alloc(sizeBytes, 1).toString('base64');
const list = (count: number, item: (index: number) => string): string[] =>
  Array.from({ length: count }, (_, index) => item(index));
const body = (value: object): Partial<OperationInput> => ({ bodyText: JSON.stringify(value) });
const envelope = (resource: object): Partial<OperationInput> =>
  body({ metadata: { collectionTotal: 1 }, resources: [resource] });
const key = (members: object): Partial<OperationInput> =>
  envelope({ name: 'key', extractable: false, ...members });
const allowedIps = (count: number): Partial<OperationInput> => {
  const attributes = { allowed_ip: list(count, () => '192.0.2.0/24') };
  return envelope({ policy_type: 'allowedIP', policy_data: { enabled: true, attributes } });
};
const rotation = (interval_month: number) => envelope({ rotation: { interval_month } });
const field = (name: string) => ({ code: 'INVALID_FIELD_ERR', name });
const query = (name: string) => ({ code: 'INVALID_QUERY_PARAM_ERR', name });

const materials: readonly Row[] = [
  ...[16, 24, 32].map((size): Row => [
    `root key of ${size}`,
    'createKey',
    key({ payload: base64(size) }),
    'passes',
  ]),
  ...[15, 17, 31, 33, 0].map((size): Row => [
    `root key of ${size}`,
    'createKey',
    key({ payload: base64(size) }),
    field('payload'),
  ]),
  ['rotate with 32', 'rotateKey', body({ payload: base64(32) }), 'passes'],
  ['rotate with 33', 'rotateKey', body({ payload: base64(33) }), field('payload')],
  [
    'standard key of 7,500',
    'createKey',
    key({ extractable: true, payload: base64(7_500) }),
    'passes',
  ],
  [
    'standard key of 7,501',
    'createKey',
    key({ extractable: true, payload: base64(7_501) }),
    field('payload'),
  ],
  ['plaintext of 7,500', 'wrapKey', body({ plaintext: base64(7_500) }), 'passes'],
  ['plaintext of 7,501', 'wrapKey', body({ plaintext: base64(7_501) }), field('plaintext')],
];

const texts: readonly Row[] = [
  ['name of 1', 'createKey', key({ name: text(1) }), field('name')],
  ['name of 2', 'createKey', key({ name: text(2) }), 'passes'],
  ['name of 90', 'createKey', key({ name: text(90) }), 'passes'],
  ['name of 90 emoji', 'createKey', key({ name: emoji(90) }), 'passes'],
  ['name of 91', 'createKey', key({ name: text(91) }), field('name')],
  ['description of 1', 'createKey', key({ description: text(1) }), field('description')],
  ['description of 240', 'createKey', key({ description: text(240) }), 'passes'],
  ['description of 241', 'createKey', key({ description: text(241) }), field('description')],
  ['30 tags', 'createKey', key({ tags: list(30, String) }), 'passes'],
  ['31 tags', 'createKey', key({ tags: list(31, String) }), field('tags')],
  ['tag of 30', 'createKey', key({ tags: [text(30)] }), 'passes'],
  ['tag of 31', 'createKey', key({ tags: [text(31)] }), field('tags')],
  ['5 aliases', 'createKey', key({ aliases: list(5, (at) => `alias-${at}`) }), 'passes'],
  ['6 aliases', 'createKey', key({ aliases: list(6, (at) => `alias-${at}`) }), field('aliases')],
  ['alias of 1', 'createKeyAlias', { subRef: text(1) }, field('alias')],
  ['alias of 90', 'createKeyAlias', { subRef: text(90) }, 'passes'],
  ['alias of 91', 'createKeyAlias', { subRef: text(91) }, field('alias')],
  ['ring of 1', 'createKeyRing', { subRef: text(1) }, field('key-ring-id')],
  ['ring of 100', 'createKeyRing', { subRef: text(100) }, 'passes'],
  ['ring of 101', 'createKeyRing', { subRef: text(101) }, field('key-ring-id')],
  ['255 AAD strings of 255', 'wrapKey', body({ aad: list(255, () => text(255)) }), 'passes'],
  ['256 AAD strings', 'wrapKey', body({ aad: list(256, () => 'x') }), field('aad')],
  ['AAD string of 256', 'unwrapKey', body({ ciphertext: 'YQ==', aad: [text(256)] }), field('aad')],
];

const numbers: readonly Row[] = [
  ...(['getKeys', 'getKeyVersions', 'listKeyRings'] as const).flatMap((operation): Row[] => [
    [`${operation} of 1`, operation, { query: { limit: '1' } }, 'passes'],
    [`${operation} of 5,000`, operation, { query: { limit: '5000' } }, 'passes'],
    [`${operation} of 0`, operation, { query: { limit: '0' } }, query('limit')],
    [`${operation} of 5,001`, operation, { query: { limit: '5001' } }, query('limit')],
  ]),
  ['rotation each month', 'putPolicy', rotation(1), 'passes'],
  ['rotation in 12 months', 'putPolicy', rotation(12), 'passes'],
  ['rotation in 13 months', 'putPolicy', rotation(13), field('interval_month')],
  ['rotation in no month', 'putPolicy', rotation(0), field('interval_month')],
  ['rotation as Go sends it', 'putPolicy', rotation(-1), field('interval_month')],
  ['200 ranges', 'putInstancePolicy', allowedIps(200), 'passes'],
  ['201 ranges', 'putInstancePolicy', allowedIps(201), field('allowed_ip')],
  ['no range', 'putInstancePolicy', allowedIps(0), field('allowed_ip')],
];

describe('a limit of the contract', () => {
  it.each([...materials, ...texts, ...numbers])('%s', (_what, operation, input, wanted) => {
    const read = parseOperation(operation, { query: {}, ...input });
    if (wanted === 'passes') expect(read).toMatchObject({ ok: true });
    else {
      const { code, name } = wanted;
      expect(read).toMatchObject({ ok: false, refusal: { code, target: { name } } });
    }
  });
});
