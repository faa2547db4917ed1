// Values that a JSON Schema of the contract's document accepts, as arbitraries of fast-check. It knows the keywords that the
// document uses and stops at any other, so that no part of a schema is passed over in silence.
import fc from 'fast-check';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** Keywords that say nothing about which values are drawn; `not` and `minProperties` are left to whoever checks them. */
const silent = new Set([
  ...['description', 'default', 'not', 'minProperties', 'contentEncoding', 'uniqueItems'],
]);
const understood = new Set([
  ...silent,
  ...['$ref', 'anyOf', 'const', 'enum', 'type', 'examples', 'pattern', 'format'],
  ...['minLength', 'maxLength', 'minimum', 'maximum', 'items', 'minItems', 'maxItems'],
  ...['properties', 'required', 'additionalProperties'],
]);

/** Longer values are for hostile requests. */
const stringLengthMax = 40;
const arrayLengthMax = 4;

/** Draws values of `schema`; `resolve` finds what a reference means. Rare draws break `not` or a length: check them. */
export function jsonArbitrary(
  schema: JsonSchema,
  resolve: (reference: string) => JsonSchema,
): fc.Arbitrary<unknown> {
  const unknown = Object.keys(schema).find((keyword) => !understood.has(keyword));
  if (unknown !== undefined) throw new Error(`the arbitrary does not know the keyword ${unknown}`);
  const drawn = drawnFrom(schema, resolve);
  const examples = schema['examples'];
  return Array.isArray(examples)
    ? fc.oneof(fc.constantFrom(...(examples as unknown[])), drawn)
    : drawn;
}

function drawnFrom(
  schema: JsonSchema,
  resolve: (reference: string) => JsonSchema,
): fc.Arbitrary<unknown> {
  const { $ref, anyOf, ...rest } = schema;
  if (typeof $ref === 'string') return jsonArbitrary(resolve($ref), resolve);
  if (Array.isArray(anyOf)) {
    const branches = anyOf as readonly JsonSchema[];
    return fc.oneof(...branches.map((branch) => jsonArbitrary({ ...rest, ...branch }, resolve)));
  }
  if ('const' in schema) return fc.constant(schema['const']);
  if (Array.isArray(schema['enum'])) return fc.constantFrom(...(schema['enum'] as unknown[]));
  const make = byType[String(schema['type'])];
  return make === undefined ? anything : make(schema, resolve);
}

/** For schemas that accept all there is. */
const anything: fc.Arbitrary<unknown> = fc.oneof(fc.string(), fc.integer(), fc.constant([{}]));

type Maker = (
  schema: JsonSchema,
  resolve: (reference: string) => JsonSchema,
) => fc.Arbitrary<unknown>;

const byType: Readonly<Record<string, Maker>> = {
  boolean: () => fc.boolean(),
  integer: (schema) =>
    fc.integer({
      min: numberOf(schema, 'minimum', 0),
      max: numberOf(schema, 'maximum', 2 ** 31 - 1),
    }),
  string: stringArbitrary,
  array: (schema, resolve) => {
    const items = jsonArbitrary((schema['items'] ?? {}) as JsonSchema, resolve);
    const minLength = numberOf(schema, 'minItems', 0);
    const maxLength = Math.min(
      numberOf(schema, 'maxItems', arrayLengthMax),
      minLength + arrayLengthMax,
    );
    return schema['uniqueItems'] === true
      ? fc.uniqueArray(items, { minLength, maxLength })
      : fc.array(items, { minLength, maxLength });
  },
  object: (schema, resolve) => {
    const properties = (schema['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>;
    const members = Object.entries(properties).map(([name, member]) => [
      name,
      jsonArbitrary(member, resolve),
    ]);
    const requiredKeys = (schema['required'] ?? []) as string[];
    return fc.record(Object.fromEntries(members) as Record<string, fc.Arbitrary<unknown>>, {
      requiredKeys,
    });
  },
};

function stringArbitrary(schema: JsonSchema): fc.Arbitrary<string> {
  const minLength = numberOf(schema, 'minLength', 0);
  const maxLength = Math.min(
    numberOf(schema, 'maxLength', stringLengthMax),
    minLength + stringLengthMax,
  );
  if (schema['contentEncoding'] === 'base64') {
    return fc
      .uint8Array({ minLength: Math.ceil(minLength / 4), maxLength: Math.floor(maxLength / 4) * 3 })
      .map((bytes) => Buffer.from(bytes).toString('base64'));
  }
  if (schema['format'] === 'date-time') {
    const range = { min: new Date('2001-01-01'), max: new Date('2199-01-01'), noInvalidDate: true };
    return fc.date(range).map((date) => date.toISOString());
  }
  const { pattern } = schema;
  return typeof pattern === 'string'
    ? fc.stringMatching(new RegExp(pattern, 'u'))
    : fc.string({ unit: 'binary', minLength, maxLength });
}

function numberOf(schema: JsonSchema, keyword: string, absent: number): number {
  const value = schema[keyword];
  return typeof value === 'number' ? value : absent;
}
