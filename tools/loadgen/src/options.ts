// The command line of `npm run bench`. Says what is wrong in one sentence; decides nothing else.
import { parseArgs } from 'node:util';

export interface BenchOptions {
  readonly rounds: number;
  readonly roundS: number;
  readonly warmUpS: number;
  readonly connections: number;
  /** A region that runs already: its regional endpoint. Without it a region is started and stopped again. */
  readonly url?: string;
  /** Where the keys of that region stand; default: the environment. */
  readonly clientEnvPath?: string;
}

/** Short warm-ups punish slow variants (performance reference): the region's nine Node processes need their seconds. */
const full = { rounds: 5, roundS: 8, warmUpS: 20 } as const;
const quick = { rounds: 3, roundS: 4, warmUpS: 12 } as const;
/** The concurrency at which the reference measured. */
const connectionsDefault = 64;

export const usage = `npm run bench -- [--quick] [--rounds N] [--seconds N] [--connections N] [--url URL [--client-env FILE]]

Measures wrap and unwrap through the regional endpoint beside a bare node:https JSON echo, in interleaved rounds.
Without --url it starts a region of its own in a temporary directory and stops it at the end. With --url it uses
KEY_PROTECT_INSTANCE_ID, KEY_PROTECT_API_KEY and NODE_EXTRA_CA_CERTS of --client-env or of the environment.`;

/** Reads `args`; a text is what to tell the user instead of running. */
export function parseOptions(args: readonly string[]): BenchOptions | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        quick: { type: 'boolean', default: false },
        rounds: { type: 'string' },
        seconds: { type: 'string' },
        connections: { type: 'string' },
        url: { type: 'string' },
        'client-env': { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) return usage;
    const defaults = values.quick ? quick : full;
    const clientEnvPath = values['client-env'];
    return {
      rounds: count('rounds', values.rounds, defaults.rounds, 100),
      roundS: count('seconds', values.seconds, defaults.roundS, 600),
      warmUpS: defaults.warmUpS,
      connections: count('connections', values.connections, connectionsDefault, 4_096),
      ...(values.url === undefined ? {} : { url: values.url }),
      ...(clientEnvPath === undefined ? {} : { clientEnvPath }),
    };
  } catch (error) {
    return `${(error as Error).message}\n\n${usage}`;
  }
}

function count(name: string, text: string | undefined, otherwise: number, max: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw new Error(`--${name} is a whole number from 1 to ${max}.`);
}
