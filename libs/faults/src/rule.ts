// What a fault rule is: whom it hits, what it does, and until when. The one schema for the command line, the console, the
// scenarios and the services that follow the directory (docs/faults.md).
import { z } from 'zod';
import { kmsErrorCodes } from '@zonehold/primitives';

/** A forgotten rule harms nobody for longer. */
export const faultLastsMaxMs = 60 * 60 * 1_000;
/** Each message is compared with each rule. */
export const faultRulesMax = 64;
/** Longer than any deadline: what is held longer is a black hole. */
const delayMaxMs = 60_000;
const routesMax = 32;

/** Who sends and receives messages. */
export const faultServices = [
  'gateway',
  'key-manager',
  'crypto-worker',
  'health-monitor',
  'redis',
  'operator',
] as const;

export type FaultService = (typeof faultServices)[number];

const nameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be lower-case letters, digits and hyphens, at most 63');

/** The operator is of no zone: `-`. */
const zoneSchema = z.union([z.literal('-'), nameSchema], { error: 'must be the name of a zone' });

const partySchema = z.strictObject({
  zone: zoneSchema.optional(),
  service: z.enum(faultServices).optional(),
});

const routesSchema = z
  .array(
    z
      .string()
      .regex(
        /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}\*?$|^\*$/,
        'must be a route, with * only at its end',
      ),
  )
  .min(1)
  .max(routesMax);

const delayMsSchema = z.int().min(0).max(delayMaxMs);

const actionSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('delay'),
    delayMs: delayMsSchema,
    jitterMs: delayMsSchema.optional(),
  }),
  z.strictObject({ kind: z.literal('abort'), code: z.enum(kmsErrorCodes) }),
  z.strictObject({ kind: z.literal('reset') }),
  z.strictObject({ kind: z.literal('black-hole') }),
  z.strictObject({
    kind: z.literal('bandwidth'),
    bytesPerSecond: z.int().min(1).max(1_000_000_000),
  }),
]);

export type FaultAction = z.infer<typeof actionSchema>;
export type FaultKind = FaultAction['kind'];

/** In the order in which they win when several rules hit one message. */
export const faultKinds = [
  'reset',
  'black-hole',
  'abort',
  'delay',
  'bandwidth',
] as const satisfies readonly FaultKind[];

const common = {
  /** Who sends the message that is hit; omitted: anybody. */
  from: partySchema.default({}),
  /** Who it travels to. */
  to: partySchema.default({}),
  /** `both`: requests from `from` to `to`, and replies of `from` to calls that `to` made. */
  legs: z.enum(['request', 'reply', 'both']).default('both'),
  /** Frame methods, of Redis the kind of command; `ping` and `connect` are routes too. Omitted: every one. */
  routes: routesSchema.optional(),
  exceptRoutes: routesSchema.optional(),
  action: actionSchema,
  /** Of the messages. */
  percent: z.number().gt(0).max(100).default(100),
  /** In whose process it is applied; for Redis always in ours. */
  end: z.enum(['sender', 'receiver']).default('sender'),
  reason: z.string().trim().min(1).max(200),
  scenario: nameSchema.optional(),
};

const abortsRequests = ({ action, legs }: { action: FaultAction; legs: string }): boolean =>
  action.kind !== 'abort' || legs !== 'reply';
const abortsReplies = { path: ['legs'], message: 'abort hits requests only' };

/** What somebody asks for. `lastsMs` is mandatory: there is no fault without an end. */
export const faultSpecSchema = z
  .strictObject({ ...common, lastsMs: z.int().min(1).max(faultLastsMaxMs) })
  .refine(abortsRequests, abortsReplies);

/** A rule as it lies in its file. */
export const faultRuleSchema = z
  .strictObject({
    id: z.string().regex(/^f-[0-9a-f]{8}$/, 'must be f- and 8 hex digits'),
    ...common,
    startedAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
  })
  .refine(abortsRequests, abortsReplies)
  .refine(
    ({ startedAt, expiresAt }) => Date.parse(expiresAt) - Date.parse(startedAt) <= faultLastsMaxMs,
    { path: ['expiresAt'], message: 'must be within an hour of startedAt' },
  );

export type FaultSpec = z.input<typeof faultSpecSchema>;
export type FaultRule = z.infer<typeof faultRuleSchema>;

/**
 * Is the rule in force at this wall time? Expiry is judged by every process for itself. A rule that would last for more than an
 * hour from now was written by a clock ahead of ours, and does nothing until it is within the hour.
 */
export function isInForce(rule: Pick<FaultRule, 'expiresAt'>, wallMs: number): boolean {
  const leftMs = Date.parse(rule.expiresAt) - wallMs;
  return leftMs > 0 && leftMs <= faultLastsMaxMs;
}
