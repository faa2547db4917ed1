// Tells a log that was cut short from one that is damaged: the first ends inside a command, or inside a transaction, and is
// well formed up to there. redis-check-aof knows where the whole commands end, but not always why: a tail that stops inside a
// length or between two lines is for it one of bad format.
const [array, bulk, cr, lf, zero, nine] = [0x2a, 0x24, 0x0d, 0x0a, 0x30, 0x39];
/** Redis accepts at most 512 MiB in one argument, and 2^31 arguments. */
const digitsMax = 10;

/** Where the next thing begins, or why there is none. */
type Reached = number | 'short' | 'damaged';

/** True for commands in the protocol of Redis of which the last, or the last transaction, is not whole. */
export function isCutShort(tail: Buffer): boolean {
  let isInTransaction = false;
  for (let at = 0; at < tail.length;) {
    const end = commandEnd(tail, at);
    if (typeof end === 'string') return end === 'short';
    const name = tail.toString('latin1', at, Math.min(end, at + nameMaxBytes)).toUpperCase();
    if (name.startsWith('*1\r\n$5\r\nMULTI\r\n')) isInTransaction = true;
    if (name.startsWith('*1\r\n$4\r\nEXEC\r\n')) isInTransaction = false;
    at = end;
  }
  return isInTransaction;
}

/** MULTI with all around it. */
const nameMaxBytes = 16;

function commandEnd(bytes: Buffer, start: number): Reached {
  const header = lengthAt(bytes, start, array);
  if (typeof header === 'string') return header;
  let at: Reached = header.next;
  for (let left = header.length; left > 0; left -= 1) {
    at = argumentEnd(bytes, at);
    if (typeof at === 'string') return at;
  }
  return at;
}

function argumentEnd(bytes: Buffer, start: number): Reached {
  const header = lengthAt(bytes, start, bulk);
  if (typeof header === 'string') return header;
  return lineEnd(bytes, header.next + header.length);
}

/** `*3\r\n` or `$12\r\n`. */
function lengthAt(
  bytes: Buffer,
  start: number,
  prefix: number,
): { readonly length: number; readonly next: number } | 'short' | 'damaged' {
  if (start >= bytes.length) return 'short';
  if (bytes[start] !== prefix) return 'damaged';
  let end = start + 1;
  for (; end < bytes.length && isDigit(bytes[end]); end += 1);
  const digits = end - start - 1;
  if (digits > digitsMax || (digits === 0 && end < bytes.length)) return 'damaged';
  const next = lineEnd(bytes, end);
  if (typeof next === 'string') return next;
  return { length: Number(bytes.toString('latin1', start + 1, end)), next };
}

function lineEnd(bytes: Buffer, at: number): Reached {
  if (at >= bytes.length) return 'short';
  if (bytes[at] !== cr) return 'damaged';
  if (at + 1 === bytes.length) return 'short';
  return bytes[at + 1] === lf ? at + 2 : 'damaged';
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= zero && byte <= nine;
}
