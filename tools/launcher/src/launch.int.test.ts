// A real region on real Redis: formed once, then stopped, started, cut short and robbed of its files.
import {
  copyFileSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { startRegion, type RunningRegion } from '@zonehold/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askControl } from './supervisor/control.ts';

/** Two cores that are busy with other tests need several times the usual six seconds. */
const startTimeoutMs = 120_000;

let region: RunningRegion;

beforeAll(async () => {
  region = await startRegion();
}, startTimeoutMs);
afterAll(() => region.stop(), startTimeoutMs);

const file = (name: string): string => join(region.regionDir, name);
const recordText = (): string => readFileSync(file('region.json'), 'utf8');
const keyFile = (): string => {
  const folder = join(region.configHome, 'zonehold');
  return join(folder, readdirSync(folder).find((name) => name.endsWith('.key')) ?? '');
};

/** Waits for a condition; fails after ten seconds. */
async function eventually(what: string, holds: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > deadlineMs) throw new Error(`not within 10 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function isAlive(pid: number | null): boolean {
  try {
    return pid !== null && process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('a region that was just formed', () => {
  it('runs five processes in each of three zones', () => {
    const running = region.processes().filter(({ pid }) => isAlive(pid));
    expect(running.map(({ zone, service }) => `${zone} ${service}`)).toHaveLength(15);
  });

  it('keeps its secrets readable by their owner only', () => {
    const secrets = [
      ...['client.env', 'pki/ca.key', 'pki/operator.key', 'provisioner.redis-password'].map(file),
      ...['root.sealed', 'gateway.key', 'key-manager.redis-password', 'redis/users.acl'].map(
        (name) => file(join('zones/us-south-1', name)),
      ),
      keyFile(),
    ];
    expect(secrets.filter((path) => (statSync(path).mode & 0o077) !== 0)).toEqual([]);
    expect(statSync(file('supervisor.sock')).mode & 0o077).toBe(0);
  });

  it('answers on its regional port', async () => {
    const { code, stdout } = await region.zonehold('instance', 'list', '--json');
    expect(code).toBe(0);
    const { instances } = JSON.parse(stdout) as { instances: { instanceId: string }[] };
    expect(instances.map(({ instanceId }) => instanceId).toSorted()).toEqual(
      [region.env['KEY_PROTECT_INSTANCE_ID'], region.env['KEY_PROTECT_INSTANCE_ID_2']].toSorted(),
    );
  });

  it('refuses a second launcher', async () => {
    const second = await region.launch();
    expect(second.code).toBe(1);
    expect(second.stderr).toContain('already running');
  });

  it('starts a service again that died, but not one that the CLI killed', async () => {
    const find = () =>
      region
        .processes()
        .find(({ zone, service }) => zone === 'us-south-2' && service === 'crypto-worker');
    const before = find()?.pid ?? null;
    region.signal('us-south-2', 'crypto-worker', 'SIGKILL');
    await eventually(
      'another process',
      () => find()?.pid !== before && isAlive(find()?.pid ?? null),
    );
    await region.zonehold('zone', 'kill', 'us-south-2', '--service', 'crypto-worker');
    expect(find()).toMatchObject({ pid: null, state: 'killed' });
    await region.zonehold('zone', 'start', 'us-south-2', '--service', 'crypto-worker');
    await eventually('it runs', () => find()?.state === 'running');
  });

  it('replaces a gateway that hangs', async () => {
    const find = () =>
      region
        .processes()
        .find(({ zone, service }) => zone === 'us-south-3' && service === 'gateway');
    const before = find()?.pid ?? null;
    region.signal('us-south-3', 'gateway', 'SIGSTOP');
    await eventually(
      'another gateway',
      () => find()?.pid !== before && isAlive(find()?.pid ?? null),
    );
    expect(isAlive(before)).toBe(false);
  });

  it('tells which zones there are when asked for another', async () => {
    const { code, stderr } = await region.zonehold('zone', 'kill', 'us-south-9');
    expect(code).toBe(1);
    expect(stderr).toContain('us-south-1, us-south-2, us-south-3');
  });
});

describe('a launcher that is killed', () => {
  it(
    'leaves no process behind, and the next start finds the same keys',
    async () => {
      const pids = region.processes().map(({ pid }) => pid);
      const env = region.env;
      process.kill(region.supervisorPid() ?? 0, 'SIGKILL');
      await eventually('everything is gone', () => !pids.some(isAlive));
      const again = await region.launch();
      expect(again.stderr).toBe('');
      expect(again.stdout).toContain('found again');
      expect(region.env).toEqual(env);
    },
    startTimeoutMs,
  );
});

describe('a region that is stopped', () => {
  beforeAll(async () => {
    const pids = region.processes().map(({ pid }) => pid);
    expect(await region.zonehold('stop')).toMatchObject({ code: 0 });
    expect(pids.filter(isAlive)).toEqual([]);
  }, startTimeoutMs);

  it('is called not running, with an exit code of its own', async () => {
    const { code, stderr } = await region.zonehold('status');
    expect(code).toBe(3);
    expect(stderr).toContain('not running');
  });

  /** Changes a file, starts, puts the file back: the start must be refused and region.json untouched. */
  async function refusedWith(path: string, change: () => void): Promise<string> {
    copyFileSync(path, `${path}.saved`);
    change();
    const changed = recordText();
    const { code, stderr } = await region.launch();
    expect(code).toBe(1);
    expect(recordText()).toBe(changed);
    renameSync(`${path}.saved`, path);
    return stderr;
  }

  it(
    'does not start without its key file',
    async () => {
      const stderr = await refusedWith(keyFile(), () => renameSync(keyFile(), `${keyFile()}.away`));
      expect(stderr).toContain('key file');
      expect(stderr).toContain('is missing');
    },
    startTimeoutMs,
  );

  it(
    'does not start with the key file of another cluster',
    async () => {
      const path = keyFile();
      const stderr = await refusedWith(path, () =>
        writeFileSync(path, `zonehold-key-v1 ${Buffer.alloc(32, 7).toString('base64')}\n`),
      );
      expect(stderr).toContain('does not open the sealed root');
      expect(stderr.trim().split('\n')).toHaveLength(1);
    },
    startTimeoutMs,
  );

  it.each([
    ['a newer format', { formatVersion: 99 }, 'newer Zonehold'],
    ['another region', { region: 'eu-de' }, 'belongs to the region eu-de'],
  ])('does not start with the record of %s', async (_what, change, words) => {
    const stderr = await refusedWith(file('region.json'), () => {
      const record = JSON.parse(recordText()) as object;
      writeFileSync(file('region.json'), JSON.stringify({ ...record, ...change }));
    });
    expect(stderr).toContain(words);
  });

  it(
    'finishes a formation that was cut short, and never loses what it has',
    async () => {
      const env = region.env;
      const record = JSON.parse(recordText()) as object;
      writeFileSync(file('region.json'), JSON.stringify({ ...record, state: 'formatting' }));
      expect(await region.launch()).toMatchObject({ code: 0 });
      expect(recordText()).toContain('"formed"');
      const { stdout } = await region.zonehold('instance', 'list', '--json');
      expect(stdout).toContain(env['KEY_PROTECT_INSTANCE_ID']);
    },
    startTimeoutMs,
  );
});

describe('a replacement of a Redis that is cut short', () => {
  const zone = 'us-south-3';
  const redis = () =>
    region.processes().filter((entry) => entry.zone === zone && entry.service === 'redis');
  const ports = (): (number | undefined)[] => redis().map((entry) => entry.ports['redis']);

  it(
    'goes on after kill -9 of the launcher before anything was replaced',
    async () => {
      const [firstPort] = ports();
      const socket = join(region.regionDir, 'supervisor.sock');
      const prepared = await askControl(socket, {
        command: 'replace-redis',
        step: 'prepare',
        zone,
      });
      const next = prepared?.ok === true ? prepared.replacement?.next : undefined;
      expect(next).toMatchObject({ number: 2, dir: file(`zones/${zone}/redis-2`) });
      process.kill(region.supervisorPid() ?? 0, 'SIGKILL');
      const again = await region.launch();
      expect(again).toMatchObject({ code: 0, stderr: '' });
      expect(ports()).toEqual([firstPort, next?.port]);
      const done = await region.zonehold('zone', 'replace-redis', zone, '--yes');
      expect(done).toMatchObject({ code: 0, stderr: '' });
      expect(done.stdout).toContain('was begun before, and goes on');
      expect(ports()).toEqual([next?.port]);
    },
    startTimeoutMs,
  );

  it(
    'goes on after kill -9 of the launcher before the old Redis was retired, and moves back to the first port',
    async () => {
      const [secondPort] = ports();
      const before = recordText();
      const done = await region.zonehold('zone', 'replace-redis', zone, '--yes', '--json');
      expect(done).toMatchObject({ code: 0 });
      const { to } = JSON.parse(done.stdout) as { to: { number: number; port: number } };
      expect(to.number).toBe(3);
      expect(to.port).not.toBe(secondPort);
      // As a launcher leaves it that dies when the region has moved the vote, and before it has noted that.
      const record = JSON.parse(before) as { zones: { zone: string }[] };
      const zones = record.zones.map((entry) =>
        entry.zone === zone ? { ...entry, nextRedis: { number: to.number, port: to.port } } : entry,
      );
      process.kill(region.supervisorPid() ?? 0, 'SIGKILL');
      writeFileSync(file('region.json'), JSON.stringify({ ...record, zones }));
      expect(await region.launch()).toMatchObject({ code: 0 });
      expect(ports()).toEqual([secondPort, to.port]);
      expect(await region.zonehold('zone', 'replace-redis', zone, '--yes')).toMatchObject({
        code: 0,
      });
      expect(ports()).toEqual([to.port]);
      const { stdout } = await region.zonehold('instance', 'list', '--json');
      expect(stdout).toContain(region.env['KEY_PROTECT_INSTANCE_ID']);
    },
    startTimeoutMs,
  );
});
