// The schemas of bodies as components of the document: generated, each once, with references where one holds another.
import { z } from 'zod';
import { replySchemas } from './reply-schemas.ts';
import { requestSchemas } from './request-schemas.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

const reference = (name: string): string => `#/components/schemas/${name}`;

/** A reference to a component by its name. */
export function schemaRef(name: string): JsonSchema {
  return { $ref: reference(name) };
}

/** All components by name: requests as they may come in, answers as they go out. */
export function componentSchemas(): Readonly<Record<string, JsonSchema>> {
  return { ...generated(requestSchemas, 'input'), ...generated(replySchemas, 'output') };
}

function generated(
  schemas: Readonly<Record<string, z.ZodType>>,
  io: 'input' | 'output',
): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id });
  const { schemas: found } = z.toJSONSchema(registry, {
    io,
    uri: reference,
    target: 'draft-2020-12',
  });
  return Object.fromEntries(
    // The version of OpenAPI says which dialect it is, and components are found by their place.
    Object.entries(found).map(([name, { $schema: _dialect, $id: _place, ...schema }]) => [
      name,
      schema,
    ]),
  );
}
