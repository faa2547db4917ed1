// What a person writes about a fault, as a rule's parts. Pure.
import { InvalidArgumentError } from 'commander';
import {
  faultServices,
  type FaultAction,
  type FaultRule,
  type FaultService,
} from '@zonehold/faults';
import type { KmsErrorCode } from '@zonehold/primitives';

type Party = FaultRule['from'];

/** `us-south-1`, `redis`, `us-south-1/redis`; `*` or nothing on a side stands for any. */
export function parseParty(text: string): Party {
  const [first = '', second, ...more] = text.split('/');
  if (more.length > 0) throw new InvalidArgumentError('Write zone/service, a zone, or a service.');
  if (second === undefined && isService(first)) return { service: first };
  const zone = isAny(first) ? {} : { zone: first };
  if (second === undefined || isAny(second)) return zone;
  if (isService(second)) return { ...zone, service: second };
  throw new InvalidArgumentError(`A service is one of ${faultServices.join(', ')}.`);
}

function isAny(text: string): boolean {
  return text === '' || text === '*';
}

function isService(text: string): text is FaultService {
  return faultServices.some((service) => service === text);
}

/** `key-manager.*,health`, and the option again. */
export function parseRoutes(text: string, before: readonly string[] = []): string[] {
  const routes = text.split(',').map((route) => route.trim());
  return [...before, ...routes];
}

const unitBytes: Readonly<Record<string, number>> = { '': 1, k: 1_000, M: 1_000_000 };

/** `10k`: bytes in a second. */
export function parseBandwidth(text: string): number {
  const [, count, unit = ''] = /^(\d{1,9})([kM]?)$/.exec(text) ?? [];
  const bytes = Number(count) * (unitBytes[unit] ?? Number.NaN);
  if (bytes >= 1) return bytes;
  throw new InvalidArgumentError('A bandwidth is bytes in a second: a number, or one with k or M.');
}

/** As commander gives them. */
export interface ActionOptions {
  readonly delay?: number;
  readonly jitter?: number;
  readonly abort?: KmsErrorCode;
  readonly reset?: true;
  readonly blackHole?: true;
  readonly bandwidth?: number;
}

/** The one action that is asked for; a sentence when it is none, or several. */
export function actionOf(options: ActionOptions): FaultAction | { readonly problem: string } {
  const { delay, jitter, abort, reset, blackHole, bandwidth } = options;
  const delayMs = delay ?? (jitter === undefined ? undefined : 0);
  const actions: FaultAction[] = [
    ...(delayMs === undefined
      ? []
      : [
          {
            kind: 'delay' as const,
            delayMs,
            ...(jitter === undefined ? {} : { jitterMs: jitter }),
          },
        ]),
    ...(abort === undefined ? [] : [{ kind: 'abort' as const, code: abort }]),
    ...(reset === undefined ? [] : [{ kind: 'reset' as const }]),
    ...(blackHole === undefined ? [] : [{ kind: 'black-hole' as const }]),
    ...(bandwidth === undefined ? [] : [{ kind: 'bandwidth' as const, bytesPerSecond: bandwidth }]),
  ];
  const [action] = actions;
  if (action !== undefined && actions.length === 1) return action;
  return {
    problem:
      'A fault does one thing: --delay (with --jitter), --abort, --reset, --black-hole or --bandwidth.',
  };
}
