// The orders that the page may send: a table of name, body and deed. Every order is written down with who gave it, also a refused one.
import { z } from 'zod';
import type { Log } from '@zonehold/telemetry';
import type { Controls, Refusal } from './controls.ts';
import type { Session } from './sessions.ts';

export const actionLimits = {
  reasonMaxChars: 200,
  drainMaxS: 72 * 3_600,
  faultMaxS: 3_600,
} as const;

const zone = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be the name of a zone');
const reason = z.string().trim().min(1, 'must say why').max(actionLimits.reasonMaxChars);
const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be a name');
const seconds = (max: number): z.ZodInt => z.int().min(1).max(max);

interface Action<Body extends object> {
  readonly schema: z.ZodType<Body>;
  run(controls: Controls, body: Body): Promise<Refusal> | Refusal;
}

function action<Body extends object>(
  schema: z.ZodType<Body>,
  run: Action<Body>['run'],
): Action<Body> {
  return { schema, run };
}

const noFaults = 'This region was started without --faults.';

export const actions = {
  drain: action(
    z.strictObject({ zone, reason, lengthS: seconds(actionLimits.drainMaxS) }),
    (controls, { lengthS, ...order }) => controls.drain({ ...order, lengthMs: lengthS * 1_000 }),
  ),
  undrain: action(z.strictObject({ zone }), (controls, body) => controls.undrain(body.zone)),
  'add-fault': action(
    z.strictObject({ preset: name, zone, reason, lengthS: seconds(actionLimits.faultMaxS) }),
    ({ faults }, { lengthS, ...order }) =>
      faults === undefined ? noFaults : faults.add({ ...order, lengthMs: lengthS * 1_000 }),
  ),
  'clear-faults': action(z.strictObject({ id: name.optional() }), ({ faults }, { id }) =>
    faults === undefined ? noFaults : faults.clear(id),
  ),
} as const;

export type ActionName = keyof typeof actions;

export function isActionName(name: string): name is ActionName {
  return Object.hasOwn(actions, name);
}

export interface ActionAnswer {
  readonly status: 200 | 400 | 409;
  readonly body: { readonly done: boolean; readonly reason?: string };
}

/** Checks the body, does it, writes it down. */
export async function act(
  given: ActionName,
  body: unknown,
  { controls, session, log }: { controls: Controls; session: Session; log: Log },
): Promise<ActionAnswer> {
  // Each schema is its own action's; a table of different bodies cannot say so.
  const ordered = actions[given] as Action<object>;
  const parsed = ordered.schema.safeParse(body);
  const { name: by, operator } = session;
  const who = { event: 'console.ordered', session: by, operator, order: given } as const;
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const member = issue?.path.map(String).join('.') ?? '';
    const refusal = `${member}: ${issue?.message ?? ''}`;
    log.audit({ ...who, result: 'refused', details: {}, refusal });
    return { status: 400, body: { done: false, reason: refusal } };
  }
  const refusal = await ordered.run(controls, parsed.data);
  const result = refusal === undefined ? ('done' as const) : ('refused' as const);
  log.audit({
    ...who,
    ...{ result, details: parsed.data, ...(refusal === undefined ? {} : { refusal }) },
  });
  return refusal === undefined
    ? { status: 200, body: { done: true } }
    : { status: 409, body: { done: false, reason: refusal } };
}
