// Strict base64 in requests without decoding it: what is malformed, where, and how many bytes it stands for.

// RFC 4648 section 4 with padding; the last character before padding may not carry unused bits.
const canonicalBase64 =
  /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$/;
const firstIllegal = /[^A-Za-z0-9+/]/;

/** The same for a document. */
export const base64Pattern = canonicalBase64.source;

/** True for canonical, padded, standard-alphabet base64 (the empty text too). Nothing is skipped as Buffer would. */
export function isBase64(text: string): boolean {
  return canonicalBase64.test(text);
}

/** Bytes that canonical base64 of this text decodes to. */
export function base64SizeBytes(text: string): number {
  const padding = text.endsWith('==') ? 2 : Number(text.endsWith('='));
  return (text.length / 4) * 3 - padding;
}

/** The rule for malformed base64, with the offset of the first byte that cannot be (reference §7.2). */
export function base64Rule(text: string): string {
  const at = text.search(firstIllegal);
  return `a base64 encoded value: illegal base64 data at input byte ${at === -1 ? text.length : at}`;
}
