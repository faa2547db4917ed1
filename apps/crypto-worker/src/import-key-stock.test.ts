// Key pairs made ahead: how many, when, one at a time, and for whom.
import { SecretBytes, type ImportKeyPair } from '@zonehold/crypto';
import { Deadline, isKmsError, ManualClock } from '@zonehold/primitives';
import { beforeEach, describe, expect, it } from 'vitest';
import { answerTimeMs, ImportKeyStock, waitingMax, type Later } from './import-key-stock.ts';

let clock: ManualClock;
let alarms: { readonly atMs: number; readonly run: () => void }[];
let made: ImportKeyPair[];
let making: {
  readonly done: (pair: ImportKeyPair) => void;
  readonly failed: (error: Error) => void;
}[];

beforeEach(() => {
  clock = new ManualClock();
  alarms = [];
  made = [];
  making = [];
});

const later: Later = (delayMs, run) => {
  const alarm = { atMs: clock.monotonicMs() + delayMs, run };
  alarms.push(alarm);
  return () => {
    alarms = alarms.filter((other) => other !== alarm);
  };
};

/** Time goes by, and rings what is due. */
function pass(byMs: number): void {
  clock.advance(byMs);
  const due = alarms.filter(({ atMs }) => atMs <= clock.monotonicMs());
  alarms = alarms.filter((alarm) => !due.includes(alarm));
  for (const { run } of due) run();
}

const stockOf = (readyMax: number): ImportKeyStock =>
  new ImportKeyStock(
    () => new Promise((done, failed) => making.push({ done, failed })),
    readyMax,
    later,
  );
const soon = (): Deadline => Deadline.after(clock, 5_000);
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Ends the making that is under way. */
async function finish(): Promise<ImportKeyPair> {
  expect(making).toHaveLength(1);
  const publicKeyPem = `pair ${made.length}`;
  const pair = { publicKeyPem, privateKey: SecretBytes.take(Buffer.alloc(4, 1)) };
  made.push(pair);
  making.shift()?.done(pair);
  await settle();
  return pair;
}

async function codeOf(taken: Promise<unknown>): Promise<string | undefined> {
  try {
    await taken;
    return undefined;
  } catch (error) {
    return isKmsError(error) ? error.code : String(error);
  }
}

describe('a stock of key pairs', () => {
  it('makes nothing before it is told to', async () => {
    const stock = stockOf(2);
    await settle();
    expect([making.length, stock.ready]).toEqual([0, 0]);
  });

  it('makes one at a time, as many as it keeps, and no more', async () => {
    const stock = stockOf(2);
    stock.fill();
    stock.fill();
    await finish();
    await finish();
    expect([making.length, stock.ready]).toEqual([0, 2]);
  });

  it('gives what is ready at once and makes another in its place', async () => {
    const stock = stockOf(1);
    stock.fill();
    const pair = await finish();
    expect(await stock.take(soon())).toBe(pair);
    await finish();
    expect(stock.ready).toBe(1);
  });

  it('that is empty lets requests wait, in turn, each for a pair of its own', async () => {
    const stock = stockOf(1);
    const taken = [stock.take(soon()), stock.take(soon())];
    const [first, second] = [await finish(), await finish()];
    expect(await Promise.all(taken)).toEqual([first, second]);
    expect(first).not.toBe(second);
    await finish();
    expect([making.length, stock.ready]).toEqual([0, 1]);
  });

  it('that keeps none makes one for each request', async () => {
    const stock = stockOf(0);
    const taken = stock.take(soon());
    expect(await finish()).toBe(await taken);
    expect(making).toHaveLength(0);
  });

  it('refuses who would wait behind too many others', async () => {
    const stock = stockOf(1);
    const waiting = Array.from({ length: waitingMax }, () => stock.take(soon()));
    expect(await codeOf(stock.take(soon()))).toBe('OVERLOADED');
    for (let at = 0; at < waitingMax; at += 1) await finish();
    expect(await Promise.all(waiting)).toHaveLength(waitingMax);
  });

  it('tells who waits in vain before the deadline, and the next gets the pair', async () => {
    const stock = stockOf(1);
    const impatient = codeOf(stock.take(Deadline.after(clock, 1_000)));
    const patient = stock.take(soon());
    pass(1_000 - answerTimeMs);
    expect(await impatient).toBe('OVERLOADED');
    const pair = await finish();
    expect(await patient).toBe(pair);
    expect(alarms).toEqual([]);
  });

  it('keeps a pair that came too late for the next try', async () => {
    const stock = stockOf(1);
    const gone = codeOf(stock.take(Deadline.after(clock, 1_000)));
    pass(1_000);
    const pair = await finish();
    expect(await gone).toBe('OVERLOADED');
    expect(await stock.take(soon())).toBe(pair);
  });

  it('wipes a pair that nobody wants any more', async () => {
    const stock = stockOf(0);
    const gone = codeOf(stock.take(Deadline.after(clock, 1_000)));
    pass(1_000);
    const pair = await finish();
    expect([await gone, pair.privateKey.isWiped]).toEqual(['OVERLOADED', true]);
  });

  it('says so when none can be made, and tries again only when it is asked', async () => {
    const stock = stockOf(1);
    const taken = codeOf(stock.take(soon()));
    making.shift()?.failed(new Error('broken'));
    expect(await taken).toBe('INTERNAL');
    await settle();
    expect(making).toHaveLength(0);
    const again = stock.take(soon());
    expect(await finish()).toBe(await again);
  });
});
