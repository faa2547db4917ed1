// Times on the wire (reference §1.8): whole seconds with Z going out, any RFC 3339 form coming in.

const rfc3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,30}))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;
const minuteMs = 60_000;
/** An offset may lead out of the years that RFC 3339 can write (four digits, §5.6): such a time could not go out again. */
const yearZeroMs = Date.parse('0000-01-01T00:00:00Z');
const yearTenThousandMs = Date.parse('9999-12-31T23:59:59Z') + 1_000;

/** `2020-03-12T03:37:32Z`: fractions are cut off, never rounded up. */
export function formatTimestamp(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}Z`;
}

/** Epoch milliseconds of an RFC 3339 time with any fraction and offset; undefined for anything else, 30 February too. */
export function parseTimestamp(text: string): number | undefined {
  const match = rfc3339.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '', sign, offsetHour, offsetMinute] =
    match;
  const fields = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const atMs = Date.parse(`${fields}.${fraction.padEnd(3, '0').slice(0, 3)}Z`);
  if (Number.isNaN(atMs) || new Date(atMs).toISOString().slice(0, 19) !== fields) return undefined;
  if (sign === undefined) return atMs;
  const [offsetHours, offsetMinutes] = [Number(offsetHour), Number(offsetMinute)];
  if (offsetHours > 23 || offsetMinutes > 59) return undefined;
  const offsetMs = (offsetHours * 60 + offsetMinutes) * minuteMs;
  const utcMs = sign === '+' ? atMs - offsetMs : atMs + offsetMs;
  return utcMs >= yearZeroMs && utcMs < yearTenThousandMs ? utcMs : undefined;
}
