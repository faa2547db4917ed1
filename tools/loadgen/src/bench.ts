// The bench itself: echo, wrap and unwrap in interleaved rounds with one load tool, every answer's status counted and some
// answers checked for what they say.
import { loadavg } from 'node:os';
import { systemRandom as random, toBase64 } from '@zonehold/primitives';
import { startEcho } from './echo.ts';
import { actionPath, KmsClient, type HttpCall, type RegionAccess } from './kms-client.ts';
import { ratio, table, type Measurement } from './measurement.ts';
import type { BenchOptions } from './options.ts';
import { runNodeLoad } from './steady-load.ts';
import { hasWrk, runWrk } from './wrk.ts';

/** A data key as applications wrap them. */
const plaintextBytes = 32;
/** Wraps and unwraps checked for their content before each round. */
const checksPerRound = 20;

export type Say = (line: string) => void;
const contenders = ['echo', 'wrap', 'unwrap'] as const;
type Contender = (typeof contenders)[number];

interface Target {
  readonly call: HttpCall;
  readonly ca: string;
}

/** Runs all rounds against a region and says what came out. Returns false when any request failed or said something wrong. */
export async function runBench(
  access: RegionAccess,
  options: BenchOptions,
  say: Say,
): Promise<boolean> {
  const client = new KmsClient(access);
  await client.signIn();
  const keyId = await client.createKey('bench');
  const plaintext = toBase64(random.bytes(plaintextBytes));
  const { ciphertext, text } = await client.wrap(keyId, plaintext);
  const echo = await startEcho(Buffer.byteLength(text));
  const post = (action: 'wrap' | 'unwrap', body: object): Target => ({
    call: {
      method: 'POST',
      url: access.url + actionPath(keyId, action),
      headers: client.headers,
      body: JSON.stringify(body),
    },
    ca: access.ca,
  });
  const wrap = post('wrap', { plaintext });
  const targets: Readonly<Record<Contender, Target>> = {
    echo: { call: { ...wrap.call, url: echo.url }, ca: echo.ca },
    wrap,
    unwrap: post('unwrap', { ciphertext }),
  };
  try {
    const rounds = await runRounds(targets, options, say, () => check(client, keyId));
    report(rounds, say);
    return Object.values(rounds)
      .flat()
      .every(({ failures }) => failures === 0);
  } finally {
    client.close();
    await echo.stop();
  }
}

async function runRounds(
  targets: Readonly<Record<Contender, Target>>,
  { rounds, roundS, warmUpS, connections }: BenchOptions,
  say: Say,
  checkAnswers: () => Promise<void>,
): Promise<Record<Contender, Measurement[]>> {
  const withWrk = await hasWrk();
  const run = (name: Contender, durationS: number): Promise<Measurement> => {
    const load = { call: targets[name].call, connections, durationS };
    return withWrk ? runWrk(load) : runNodeLoad({ ...load, ca: targets[name].ca });
  };
  say(
    `load: ${withWrk ? 'wrk, 1 thread' : 'Node (wrk is not installed)'}, ${connections} connections`,
  );
  for (const name of contenders) await run(name, warmUpS);
  const measured: Record<Contender, Measurement[]> = { echo: [], wrap: [], unwrap: [] };
  for (let round = 1; round <= rounds; round += 1) {
    await checkAnswers();
    for (const name of contenders) measured[name].push(await run(name, roundS));
    const figures = contenders.map(
      (name) => `${name} ${measured[name].at(-1)?.requestsPerS.toFixed(0) ?? ''}`,
    );
    say(`round ${round} of ${rounds}: ${figures.join(', ')} requests/s`);
  }
  await checkAnswers();
  return measured;
}

/** Fresh plaintexts, wrapped and unwrapped: a fast wrong answer is worth nothing. */
async function check(client: KmsClient, keyId: string): Promise<void> {
  for (let count = 0; count < checksPerRound; count += 1) {
    const plaintext = toBase64(random.bytes(plaintextBytes));
    const { ciphertext } = await client.wrap(keyId, plaintext);
    if ((await client.unwrap(keyId, ciphertext)) !== plaintext) {
      throw new Error('an unwrapped plaintext differs from the wrapped one');
    }
  }
}

function report(rounds: Readonly<Record<Contender, readonly Measurement[]>>, say: Say): void {
  say('');
  say(table(rounds));
  say('');
  say(`wrap ratio ${ratio(rounds.wrap, rounds.echo).toFixed(2)}`);
  say(`unwrap ratio ${ratio(rounds.unwrap, rounds.echo).toFixed(2)}`);
  say(
    `load average ${loadavg()
      .map((load) => load.toFixed(2))
      .join(' ')}, Node ${process.version}`,
  );
}
