// Whom the trouble of a plan strikes: a decision about anybody else is no detection of it. Pure.
import type { Decision } from './observations.ts';
import type { Deed, Plan } from './plan.ts';

/** Both are named by a link that is cut between two zones; neither where every zone suffers. */
interface Stricken {
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/**
 * Is it a gateway's, about the key-managers that the trouble strikes? A gateway keeps links to monitors too, and says of them in the same
 * log what it says of the key-managers that it routes to.
 */
export function isAboutTarget({ steps }: Plan, decision: Decision): boolean {
  const { service, peerService } = decision;
  if (service !== 'gateway' || peerService !== 'key-manager') return false;
  return steps.some(({ deed }) => {
    const stricken = strickenBy(deed);
    return stricken !== undefined && isBetween(stricken, decision);
  });
}

function isBetween({ from, to }: Stricken, { zone, peerZone }: Decision): boolean {
  if (from === undefined || to === undefined) {
    const only = from ?? to;
    return only === undefined || peerZone === only;
  }
  // Whichever end notices: one misses the questions, the other the answers.
  return (zone === from && peerZone === to) || (zone === to && peerZone === from);
}

/** Undefined: more load strikes nobody. */
function strickenBy(deed: Deed): Stricken | undefined {
  switch (deed.kind) {
    case 'kill':
    case 'pause':
      return { from: undefined, to: deed.zone };
    case 'fault':
      return { from: zoneIn(deed.rule['from']), to: zoneIn(deed.rule['to']) };
    case 'load':
      return undefined;
  }
}

function zoneIn(end: unknown): string | undefined {
  const zone: unknown = (end as { zone?: unknown } | undefined)?.zone;
  return typeof zone === 'string' ? zone : undefined;
}
