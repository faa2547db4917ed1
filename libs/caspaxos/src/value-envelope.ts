// The payload of a ballot: value and summary in one text, so that one MAC and one comparison cover both and a round
// that completes another's write restores its list entry too. Not encryption: callers seal what is secret.
import { assert } from '@zonehold/primitives';

/** What a payload says. `value` null is the identity of nothing: a round that confirmed that nothing was there. */
export interface Envelope {
  readonly value: string | null;
  readonly summary: string | null;
}

export const nothing: Envelope = { value: null, summary: null };

/** `n` | `-<value>` | `<summary length in UTF-16 units>:<summary><value>`. Never empty: empty is "never accepted". */
export function encodeEnvelope({ value, summary }: Envelope): string {
  if (value === null) {
    assert(summary === null, 'nothing has no summary');
    return 'n';
  }
  // A lone surrogate would come back from Redis as U+FFFD: another payload at the same ballot.
  assert(
    value.isWellFormed() && (summary?.isWellFormed() ?? true),
    'ill-formed text in a register',
  );
  return summary === null ? `-${value}` : `${summary.length}:${summary}${value}`;
}

/** The reverse; also reads the empty payload of a register that was never written. Undefined when malformed. */
export function decodeEnvelope(payload: string): Envelope | undefined {
  if (payload === '' || payload === 'n') return nothing;
  if (payload.startsWith('-')) return { value: payload.slice(1), summary: null };
  const colon = payload.indexOf(':');
  const lengthText = payload.slice(0, colon);
  if (colon < 1 || colon > 7 || !/^(?:0|[1-9][0-9]*)$/.test(lengthText)) return undefined;
  const end = colon + 1 + Number(lengthText);
  if (end > payload.length) return undefined;
  return { value: payload.slice(end), summary: payload.slice(colon + 1, end) };
}
