// What may be printed of a log line's fields. Pure. Names decide, at any depth: a secret that sits under one of these
// names never reaches a log, whatever shape carries it. Bytes are never printed, only counted.
import { Sensitive } from '@zonehold/primitives';

/** Field names that hold secrets or what customers encrypt. Compared in lower case, without `-` and `_`. */
export const secretFieldNames: ReadonlySet<string> = new Set([
  'authorization',
  'proxyauthorization',
  'cookie',
  'setcookie',
  'credential',
  'key',
  'idkey',
  'integritykey',
  'sealedinstancekey',
  'encryptednonce',
  'body',
]);

/** The same for the end of a name: `apiKey`, `accessToken`, `sealedMaterial`, `tlsPrivateKey`, `keyPem`. */
const secretFieldEnding =
  /(?:apikey|token|password|passphrase|secret|privatekey|material|plaintext|ciphertext|payload|pem)$/;

/** Deeper than this nothing of ours nests; a cycle ends here too. */
const depthMax = 6;
/** Longer lists say nothing more to a reader of a log. */
const listMax = 50;
/** A line of a log is for people; longer texts are cut. */
const textMaxChars = 2_000;

const redacted = '[redacted]';

/** A copy of `value` that is safe to print. Never throws. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return cut(value);
  if (typeof value === 'bigint' || typeof value === 'symbol') return String(value);
  if (typeof value === 'function') return '[function]';
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Sensitive) return redacted;
  if (value instanceof Error) return redactError(value, depth);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer)
    return `[${value.byteLength} bytes]`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (depth >= depthMax) return '[too deep]';
  if (Array.isArray(value)) return redactList(value, depth);
  return redactFields(value, depth);
}

/** The same for the members of one object. */
export function redactFields(fields: object, depth = 0): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    copy[name] = isSecretName(name) ? redacted : redact(value, depth + 1);
  }
  return copy;
}

function redactList(list: readonly unknown[], depth: number): unknown[] {
  const copy = list.slice(0, listMax).map((value) => redact(value, depth + 1));
  if (list.length > listMax) copy.push(`[${list.length - listMax} more]`);
  return copy;
}

/** Errors show name, code, text, stack and cause: enough to find the place, nothing that was attached to them. */
function redactError(error: Error, depth: number): unknown {
  const { code, outcome } = error as { code?: unknown; outcome?: unknown };
  return {
    name: error.name,
    message: cut(error.message),
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof outcome === 'string' ? { outcome } : {}),
    ...(error.stack === undefined ? {} : { stack: cut(error.stack) }),
    ...(error.cause === undefined || depth >= depthMax
      ? {}
      : { cause: redact(error.cause, depth + 1) }),
  };
}

/** Names come from our own code, but nested ones may come from elsewhere: beyond this many they are judged anew each time. */
const judgedNamesMax = 1_000;
const judgedNames = new Map<string, boolean>();

function isSecretName(name: string): boolean {
  const judged = judgedNames.get(name);
  if (judged !== undefined) return judged;
  const plain = name.toLowerCase().replaceAll(/[-_]/g, '');
  const isSecret = secretFieldNames.has(plain) || secretFieldEnding.test(plain);
  if (judgedNames.size < judgedNamesMax) judgedNames.set(name, isSecret);
  return isSecret;
}

function cut(text: string): string {
  return text.length <= textMaxChars ? text : `${text.slice(0, textMaxChars)}…`;
}
