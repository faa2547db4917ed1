// Values that are almost right: one place of a valid value is left out, replaced by something of another kind, stretched or
// doubled. fast-check chooses place and change, so that a seed gives them again.
import fc from 'fast-check';

/** What stands in for a right value. Each has hurt a program before. */
export const wrongValues: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e21,
  2 ** 31,
  '',
  ' ',
  'null',
  '\u0000',
  '\ud800',
  '🔑'.repeat(91),
  '../../etc/passwd',
  '{{7*7}}',
  'a'.repeat(300),
  'QUJD*Q==',
  '2026-02-30T00:00:00Z',
  '1.2.3.4/33',
  [],
  [[]],
  [null],
  {},
  { enabled: 'true' },
  Array.from({ length: 300 }, () => 'aa'),
];

type Change = (parent: Record<string, unknown> | unknown[], name: string) => void;

const put = (parent: Record<string, unknown> | unknown[], name: string, value: unknown): void => {
  if (Array.isArray(parent)) parent[Number(name)] = value;
  else parent[name] = value;
};
const get = (parent: Record<string, unknown> | unknown[], name: string): unknown =>
  Array.isArray(parent) ? parent[Number(name)] : parent[name];

const changes: fc.Arbitrary<Change> = fc.oneof(
  fc.constantFrom(...wrongValues).map(
    (wrong): Change =>
      (parent, name) =>
        put(parent, name, structuredClone(wrong)),
  ),
  fc.constant<Change>((parent, name) => {
    if (Array.isArray(parent)) parent.splice(Number(name), 1);
    else Reflect.deleteProperty(parent, name);
  }),
  fc.constant<Change>((parent, name) => {
    if (Array.isArray(parent)) parent.push(structuredClone(parent[Number(name)]));
    else parent[name.toUpperCase()] = get(parent, name);
  }),
  fc.string({ maxLength: 8 }).map((extra): Change => (parent) => {
    if (!Array.isArray(parent)) parent[`x-${extra}`] = extra;
  }),
  fc.constant<Change>((parent, name) => {
    const value = get(parent, name);
    if (typeof value === 'string') put(parent, name, value.repeat(400).slice(0, 12_000));
    if (typeof value === 'number') put(parent, name, -value * 1_000);
    if (typeof value === 'boolean') put(parent, name, String(value));
  }),
);

/** Draws values that are one change away from those of `valid`; some are still valid. */
export function nearMiss(valid: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.tuple(valid, changes, fc.nat({ max: 1_000 })).map(([value, change, place]) => {
    const copy = structuredClone(value);
    const places = placesIn(copy);
    const chosen = places[place % Math.max(1, places.length)];
    if (chosen === undefined) return null;
    change(chosen.parent, chosen.name);
    return copy;
  });
}

interface Place {
  readonly parent: Record<string, unknown> | unknown[];
  readonly name: string;
}

function placesIn(value: unknown): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  const parent = value as Record<string, unknown>;
  return Object.keys(parent).flatMap((name) => [{ parent, name }, ...placesIn(parent[name])]);
}
