// Applies a body schema to an object of a request: names in any capitals, the first broken rule as INVALID_FIELD_ERR.
import type { z } from 'zod';
import { arraySizeMax } from './body-schemas.ts';
import { badBody, invalidField } from './errors.ts';
import { pickMembers, type JsonObject } from './json-body.ts';
import { parsed, refused, type Parsed } from './parsed.ts';

/** The members that `schema` knows, or the first refusal. Unknown members are ignored. */
export function readSchema<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  input: JsonObject,
): Parsed<z.output<z.ZodObject<Shape>>> {
  const picked = pickMembers(input, Object.keys(schema.shape));
  if (!picked.ok) return picked;
  for (const [name, max] of Object.entries(arraySizeMax)) {
    const member = picked.value[name];
    if (Array.isArray(member) && member.length > max) {
      return refused(invalidField(name, `an array of at most ${max} strings`));
    }
  }
  const result = schema.safeParse(picked.value);
  if (result.success) return parsed(result.data);
  const issue = result.error.issues[0];
  const name = issue?.path[0];
  return issue === undefined || name === undefined
    ? refused(badBody('the body does not fit the operation'))
    : refused(invalidField(String(name), issue.message));
}
