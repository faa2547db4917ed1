// What a scenario file says: who suffers what and when, and what must hold all the same. Pure.
//
// Every step lasts for a time and is undone by itself, so that no scenario can leave a zone broken behind, whatever happens to its run.
import { serviceNames } from '@zonehold/launcher';
import { parseDocument } from 'yaml';
import { z } from 'zod';

/** A scenario is a drill, not a soak test. */
const secondsMax = 300;
const stepsMax = 20;
const repeatsMax = 50;
const requestsPerSecondMax = 5_000;

/** Stand for zones: `$zone` for the one that `--zone` names, the other two for the rest, in the region's order. */
export const zonePlaceholders = ['$zone', '$other', '$another'] as const;

const seconds = z.number().min(0).max(secondsMax);
const amount = z.number().min(0);
/** The gateways serve the load: a client whose own connection is cut is another subject (docs/scenarios.md). */
const backendSchema = z.enum(serviceNames.filter((name) => name !== 'gateway'));
const processes = z.strictObject({
  zone: z.enum(zonePlaceholders),
  services: z.array(backendSchema).min(1),
});

const stepSchema = z
  .strictObject({
    /** From the start of the trouble. */
    atS: seconds,
    forS: seconds.refine((value) => value > 0, 'must be more than 0'),
    /** Again so many seconds after it began, so many times in all. */
    repeat: z
      .strictObject({
        everyS: seconds.refine((value) => value > 0, 'must be more than 0'),
        times: z.int().min(2).max(repeatsMax),
      })
      .optional(),
    /** kill -9; started again at the end. */
    kill: processes.optional(),
    /** SIGSTOP; continued at the end. */
    pause: processes.optional(),
    /** A fault rule (docs/faults.md) with placeholders for zones; checked when it is put into the region. */
    fault: z.record(z.string(), z.json()).optional(),
    /** So many times the load. */
    load: z.strictObject({ times: z.number().min(0.1).max(10) }).optional(),
  })
  .refine(
    ({ kill, pause, fault, load }) =>
      [kill, pause, fault, load].filter((kind) => kind !== undefined).length === 1,
    'must have exactly one of kill, pause, fault and load',
  )
  .refine(({ forS, repeat }) => repeat === undefined || repeat.everyS >= forS, {
    message: 'must not begin again before it has ended',
    path: ['repeat', 'everyS'],
  });

/** What can be promised. Each name has its row in promises.ts. */
const promisesSchema = z.strictObject({
  failedMax: amount.optional(),
  failedRatioMax: amount.max(1).optional(),
  keysLostMax: amount.optional(),
  attemptsPerRequestMax: z.number().min(1).optional(),
  ejectionsMin: amount.optional(),
  ejectionsPerHoldDownMax: amount.optional(),
  panicsMin: amount.optional(),
  zoneShareMin: amount.max(1).optional(),
  servedAgainMin: amount.max(1).optional(),
  detectionMaxS: amount.optional(),
  ejectionMaxS: amount.optional(),
  verdictDownMaxS: amount.optional(),
  p99TimesQuietMax: amount.optional(),
  recoveryMaxS: amount.optional(),
});

const scenarioSchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{1,39}$/),
  title: z.string().min(10).max(200),
  hypothesis: z.string().min(10).max(1_000),
  /** Requests a second when nothing else is said. */
  requestsPerSecond: z.int().min(1).max(requestsPerSecondMax),
  /** Before the trouble: what is normal is measured here. */
  quietS: seconds.refine((value) => value > 0, 'must be more than 0'),
  /** After the last step has ended. */
  recoveryS: seconds.refine((value) => value > 0, 'must be more than 0'),
  steps: z.array(stepSchema).min(1).max(stepsMax),
  promises: z.strictObject({
    /** Hold on any machine, at any load. */
    correctness: promisesSchema,
    /** Hold on a quiet machine: times, and ratios of times. */
    timing: promisesSchema,
  }),
});

export type Scenario = z.infer<typeof scenarioSchema>;
export type Step = Scenario['steps'][number];
export type Promises = z.infer<typeof promisesSchema>;
export type PromiseName = keyof Promises;

/** Reads a scenario. Throws a sentence that names the file, the member and what is wrong with it. */
export function parseScenario(text: string, path: string): Scenario {
  const document = parseDocument(text);
  const [syntax] = document.errors;
  if (syntax !== undefined) throw new Error(`${path} is no YAML: ${syntax.message}`);
  const parsed = scenarioSchema.safeParse(document.toJS());
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`${path} is no scenario: ${problems.join('; ')}`);
}
