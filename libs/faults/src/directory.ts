// The directory of a region's fault rules: one file each, written in one step, removed to end a rule. What several people do at
// once needs no lock: nobody changes a file that is there.
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toHex, type Clock, type Random } from '@zonehold/primitives';
import type { z } from 'zod';
import {
  faultRuleSchema,
  faultRulesMax,
  faultSpecSchema,
  isInForce,
  type FaultRule,
  type FaultSpec,
} from './rule.ts';

/** `problems`: sentences. */
export type FaultAdded =
  | { readonly ok: true; readonly rule: FaultRule }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Which rules to end. */
export type FaultSelector = { readonly id: string } | { readonly scenario: string } | 'all';

/** What a look into the directory finds. `unreadable`: names of files that are no rules. */
export interface FaultFiles {
  readonly rules: readonly FaultRule[];
  readonly unreadable: readonly string[];
}

/** Written beside, then renamed: nobody ever reads half a rule. */
const unfinished = '.new';

/**
 * Checks what is asked for and writes it as a rule in force from now on. Nothing is written when it is not sound, or when there are
 * 64 rules already. Rejects when the directory cannot be used: the region was not started with faults.
 */
export async function addFault(
  dir: string,
  spec: FaultSpec,
  clock: Pick<Clock, 'wallMs'>,
  random: Pick<Random, 'bytes'>,
): Promise<FaultAdded> {
  const parsed = faultSpecSchema.safeParse(spec);
  if (!parsed.success) return { ok: false, problems: parsed.error.issues.map(sentence) };
  if ((await listFaults(dir, clock)).length >= faultRulesMax) {
    return { ok: false, problems: [`There are ${faultRulesMax} rules already.`] };
  }
  const { lastsMs, ...wanted } = parsed.data;
  const nowMs = clock.wallMs();
  const rule: FaultRule = {
    id: `f-${toHex(random.bytes(4))}`,
    ...wanted,
    startedAt: new Date(nowMs).toISOString(),
    expiresAt: new Date(nowMs + lastsMs).toISOString(),
  };
  const path = join(dir, `${rule.id}.json`);
  await writeFile(`${path}${unfinished}`, `${JSON.stringify(rule, null, 2)}\n`, { mode: 0o600 });
  await rename(`${path}${unfinished}`, path);
  return { ok: true, rule };
}

/** The rules in force, the oldest first. Removes the files of those that are over. */
export async function listFaults(
  dir: string,
  clock: Pick<Clock, 'wallMs'>,
): Promise<readonly FaultRule[]> {
  const { rules } = await readFaults(dir);
  const nowMs = clock.wallMs();
  const over = rules.filter(({ expiresAt }) => Date.parse(expiresAt) <= nowMs);
  await Promise.all(over.map(({ id }) => rm(join(dir, `${id}.json`), { force: true })));
  return rules.filter((rule) => isInForce(rule, nowMs));
}

/** Ends rules; gives the ids of those that are ended. `all` also removes files that are no rules. */
export async function clearFaults(
  dir: string,
  selector: FaultSelector,
): Promise<readonly string[]> {
  const { rules, unreadable } = await readFaults(dir);
  const ended = rules.filter(
    ({ id, scenario }) =>
      selector === 'all' ||
      ('id' in selector ? selector.id === id : selector.scenario === scenario),
  );
  const names = ended.map(({ id }) => `${id}.json`);
  const gone = selector === 'all' ? [...names, ...unreadable] : names;
  await Promise.all(gone.map((name) => rm(join(dir, name), { force: true })));
  return ended.map(({ id }) => id);
}

/**
 * Reads every rule, the oldest first, whether in force or over; at most 64. Changes nothing. What is `known` is not read again: a rule
 * never changes under its id.
 */
export async function readFaults(
  dir: string,
  known: readonly FaultRule[] = [],
): Promise<FaultFiles> {
  const names = (await readdir(dir)).filter((name) => name.endsWith('.json'));
  const read = await Promise.all(
    names.map(async (name) => {
      const rule = known.find(({ id }) => name === `${id}.json`) ?? (await ruleIn(dir, name));
      return { name, rule };
    }),
  );
  const rules = read.flatMap(({ rule }) => (rule === undefined || rule === 'gone' ? [] : [rule]));
  const unreadable = read.flatMap(({ name, rule }) => (rule === undefined ? [name] : []));
  return { rules: rules.sort(byAge).slice(0, faultRulesMax), unreadable };
}

/** `gone`: removed since the directory was read. Undefined: no rule, or one whose file has another's name. */
async function ruleIn(dir: string, name: string): Promise<FaultRule | 'gone' | undefined> {
  try {
    const parsed = faultRuleSchema.safeParse(JSON.parse(await readFile(join(dir, name), 'utf8')));
    return parsed.success && name === `${parsed.data.id}.json` ? parsed.data : undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'gone' : undefined;
  }
}

function byAge(left: FaultRule, right: FaultRule): number {
  return left.startedAt.localeCompare(right.startedAt) || left.id.localeCompare(right.id);
}

function sentence({ path, message }: z.core.$ZodIssue): string {
  return path.length === 0
    ? `The fault: ${message}.`
    : `The fault's ${path.join('.')}: ${message}.`;
}
