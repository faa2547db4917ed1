// What an operator may ask of drains, checked: the CLI and the console are programs of people.
import { z } from 'zod';
import type { DrainRequest } from '@zonehold/api-contract';
import { drainPolicy } from './drains.ts';

const { reasonMaxChars, lengthMinMs, lengthMaxMs } = drainPolicy;

/**
 * One sentence's worth: it is printed on terminals, where control characters do things. Other monitors' words are checked with this too,
 * and a frame may be long: the length comes first and ends the check, and the pattern never goes back over what it has read.
 */
export const drainFields = {
  id: z.string().regex(/^[\w-]{1,64}$/, 'must be 1 to 64 letters, digits, _ or -'),
  reason: z
    .string()
    .max(reasonMaxChars, {
      error: `must have at most ${reasonMaxChars} characters`,
      abort: true,
    })
    .regex(/^(?=\s*\S)\P{C}*$/u, 'must be a line of text'),
};

/** Repeated in the refusal. */
const zone = z.string().max(63, 'must be the name of a zone');

const schema = z.object({
  ...drainFields,
  zone,
  lengthMs: z
    .int('must be whole milliseconds')
    .min(lengthMinMs, `must be at least ${lengthMinMs} ms`)
    .max(lengthMaxMs, 'must be at most 72 hours'),
});

/** The request, or a sentence that names what is wrong with it. */
export function readDrainRequest(body: unknown): DrainRequest | string {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not a request'}.`;
}

/** The zone whose drain is to end; empty, which is no zone's name, when the request names none. */
export function readUndrainRequest(body: unknown): string {
  return z.object({ zone }).safeParse(body).data?.zone ?? '';
}
