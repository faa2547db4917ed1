// The life of one process, with sleeping programs in the place of services.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@zonehold/primitives';
import { afterEach, expect, it } from 'vitest';
import { SupervisedProcess, type ProcessPlan } from './supervised-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'supervised-'));
let supervised: SupervisedProcess | undefined;
const changes: (() => void)[] = [];

afterEach(async () => {
  await supervised?.kill();
  rmSync(folder, { recursive: true, force: true });
});

function create(mend?: ProcessPlan['mend']): SupervisedProcess {
  const plan: ProcessPlan = {
    zone: 'z-1',
    service: 'redis',
    ports: {},
    command: 'sleep',
    args: ['60'],
    cwd: tmpdir(),
    env: process.env,
    logPath: join(folder, 'log'),
    ...(mend === undefined ? {} : { mend }),
  };
  supervised = new SupervisedProcess(plan, systemClock, () => changes.forEach((tell) => tell()));
  return supervised;
}

/** Resolves at the next change of state after which `holds`. */
function until(holds: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    changes.push(() => {
      if (holds()) resolve();
    });
  });
}

it('runs one process only when a person starts it while a restart is due', async () => {
  const redis = create();
  redis.start();
  const gone = until(() => redis.state === 'backing-off');
  redis.killHung();
  await gone;
  redis.start();
  const { pid } = redis;
  // The due restart was 200 ms away.
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(redis.pid).toBe(pid);
  expect(redis.restarts).toBe(0);
});

it('starts again although what it left behind cannot be mended', async () => {
  const redis = create(() => Promise.reject(new Error('no such folder')));
  redis.start();
  const again = until(() => redis.state === 'running' && redis.restarts === 1);
  redis.killHung();
  await again;
  expect(redis.pid).toBeGreaterThan(0);
});
