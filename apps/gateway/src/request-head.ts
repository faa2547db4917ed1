// What the headers and the query of a request say. Nothing here looks at the token or the body.
import type { IncomingHttpHeaders } from 'node:http';
import { parseIfMatch, type ApiRefusal, type OperationRequest } from '@zonehold/api-contract';

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** Visible ASCII, 1-64 characters (mesh reference B5). */
const idempotencyKeyPattern = /^[\x21-\x7e]{1,64}$/;
/** Ring ids are shorter (reference §12); this only keeps nonsense off the wire. */
const keyRingPattern = /^[\x21-\x7e]{1,100}$/;
/** A hundred tags of ours: nobody has read more versions of one registration. */
const ifMatchMaxChars = 1_000;
const preferPattern = /(?:^|[,;\s])return=(minimal|representation)(?:$|[,;\s])/i;

/** The headers that the contract gives a meaning. `refusal`: the first that is malformed, to be given after the rights. */
export interface RequestHead {
  readonly keyRingId?: string;
  readonly prefer?: NonNullable<OperationRequest['prefer']>;
  readonly idempotencyKey?: string;
  readonly ifMatch?: string;
  readonly refusal?: ApiRefusal;
}

const plainHead: RequestHead = {};

/** The instance in lower case, or undefined when the header is missing or no UUID (reference §1.2). */
export function instanceIdOf(headers: IncomingHttpHeaders): string | undefined {
  const value = headers['bluemix-instance'];
  return typeof value === 'string' && uuidPattern.test(value) ? value.toLowerCase() : undefined;
}

/** A header that is missing or has a value nobody may use. */
export function invalidHeader(name: string, rule: string): ApiRefusal {
  return { code: 'INVALID_HEADER_ERR', detail: `${name} must be ${rule}` };
}

/** Reads the optional headers. Never throws; most requests have none of them. */
export function readHead(headers: IncomingHttpHeaders): RequestHead {
  const ring = headers['x-kms-key-ring'];
  const prefer = headers['prefer'];
  const idempotencyKey = headers['idempotency-key'];
  const ifMatch = headers['if-match'];
  const isPlain = ring === undefined && prefer === undefined && idempotencyKey === undefined;
  if (isPlain && ifMatch === undefined) return plainHead;
  const wanted = preferPattern.exec(String(prefer ?? ''))?.[1]?.toLowerCase();
  const refusal = headRefusal(ring, idempotencyKey) ?? ifMatchRefusal(ifMatch);
  return {
    ...(typeof ring === 'string' ? { keyRingId: ring } : {}),
    ...(wanted === 'minimal' || wanted === 'representation' ? { prefer: wanted } : {}),
    ...(typeof idempotencyKey === 'string' ? { idempotencyKey } : {}),
    ...(ifMatch === undefined ? {} : { ifMatch }),
    ...(refusal === undefined ? {} : { refusal }),
  };
}

function headRefusal(ring: unknown, idempotencyKey: unknown): ApiRefusal | undefined {
  if (ring !== undefined && !(typeof ring === 'string' && keyRingPattern.test(ring))) {
    return invalidHeader('X-Kms-Key-Ring', 'the id of a key ring');
  }
  const isKey = typeof idempotencyKey === 'string' && idempotencyKeyPattern.test(idempotencyKey);
  if (idempotencyKey !== undefined && !isKey) {
    return invalidHeader('Idempotency-Key', '1 to 64 visible ASCII characters');
  }
  return undefined;
}

/** Entity tags, several with commas between them (RFC 9110 §13.1.1). Only registrations have any. */
function ifMatchRefusal(ifMatch: string | undefined): ApiRefusal | undefined {
  if (ifMatch === undefined) return undefined;
  const isRead = ifMatch.length <= ifMatchMaxChars && parseIfMatch(ifMatch) !== undefined;
  return isRead ? undefined : invalidHeader('If-Match', '* or entity tags');
}

const noQuery: Readonly<Record<string, string>> = Object.freeze({});

/** The query as texts. A repeated parameter is a list, as the SDKs write lists: joined by commas (reference §25 no. 11). */
export function queryOf(url: string): Readonly<Record<string, string>> {
  const at = url.indexOf('?');
  if (at === -1 || at === url.length - 1) return noQuery;
  const joined = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(url.slice(at + 1))) {
    const before = joined.get(name);
    joined.set(name, before === undefined ? value : `${before},${value}`);
  }
  return Object.fromEntries(joined);
}
