// What a Redis reply must look like before anything of it is used. A Redis that was taken over may answer anything, and
// inside EXEC an error is an ordinary member: a wrong shape is that zone's refusal, never an exception in this process.

/** The fields of one HMGET: null where the hash has none. */
export type Fields = readonly (string | null)[];

/** True for a flat array of texts and nulls. */
export function isFields(reply: unknown): reply is Fields {
  if (!Array.isArray(reply)) return false;
  for (const member of reply) if (member !== null && typeof member !== 'string') return false;
  return true;
}

/** True for a flat array of texts. */
export function isTexts(reply: unknown): reply is readonly string[] {
  return isFields(reply) && !reply.includes(null);
}

/** What EXEC brought: the header's fields first. Undefined when it is not that, or not of `count` members. */
export function transactionOf(
  reply: unknown,
  count: number,
): { readonly header: Fields; readonly rows: readonly unknown[] } | undefined {
  if (!Array.isArray(reply) || reply.length !== count) return undefined;
  const [header, ...rows] = reply as readonly unknown[];
  return isFields(header) ? { header, rows } : undefined;
}

/** A sequence in decimal, as the scripts keep it: fifteen digits at most. Undefined for anything else. */
export function sequenceOf(text: unknown): number | undefined {
  return typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
