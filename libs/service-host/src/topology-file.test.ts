import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '@zonehold/telemetry';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TopologyFile } from './topology-file.ts';
import type { Topology } from './topology.ts';

const host = '127.0.0.1';
let folder: string;
let path: string;
let lines: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zonehold-topology-'));
  path = join(folder, 'topology.json');
  lines = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

function topology(version: number | undefined, keyManagerPort: number, region = 'south'): Topology {
  const listener = { host, port: 2, opsPort: 3 };
  return {
    ...(version === undefined ? {} : { version }),
    ...{ clusterId: 'c1', region, regionalPort: 1 },
    zones: [
      {
        zone: 'south-1',
        gateway: listener,
        'key-manager': { ...listener, port: keyManagerPort },
        'crypto-worker': listener,
        'health-monitor': listener,
        redis: { host, port: 4, acceptorId: 'a1', incarnation: 'i1' },
      },
    ],
  };
}

const write = (value: unknown): void => writeFileSync(path, JSON.stringify(value));

/** A follower that began with key-managers at port 10, and the ports it told since. */
function follow(first = topology(5, 10)) {
  const destination = { write: (line: string) => void lines.push(line) };
  const log = createLog({
    service: 'gateway',
    zone: 'z',
    region: 'south',
    level: 'info',
    destination,
  });
  const file = new TopologyFile({ path, first, log });
  const ports: (number | undefined)[] = [];
  file.watch(({ endpoints }) =>
    ports.push(endpoints.find(({ service }) => service === 'key-manager')?.port),
  );
  return { file, ports };
}

describe('a followed topology', () => {
  it('tells what a later version says, once', async () => {
    const { file, ports } = follow();
    write(topology(6, 11));
    await file.look();
    await file.look();
    expect(ports).toEqual([11]);
    expect(file.snapshot.version).toBe(6);
  });

  it.each([
    ['the same version', topology(5, 11)],
    ['an older version', topology(4, 11)],
    ['none, as before versions', topology(undefined, 11)],
    ['another region', topology(6, 11, 'north')],
    ['no topology', { version: 6 }],
  ])('stays as it is when the file has %s', async (_what, value) => {
    const { file, ports } = follow();
    write(value);
    await file.look();
    expect(ports).toEqual([]);
    expect(file.snapshot.version).toBe(5);
  });

  it('of a region of before versions takes the first that has one', async () => {
    const { file, ports } = follow(topology(undefined, 10));
    write(topology(1, 11));
    await file.look();
    expect(ports).toEqual([11]);
  });

  it('complains once about a file that stays wrong, and goes on when it is right again', async () => {
    const { file, ports } = follow();
    write('nonsense');
    await file.look();
    await file.look();
    expect(lines.filter((line) => line.includes('topology.refused'))).toHaveLength(1);
    write(topology(6, 11));
    await file.look();
    rmSync(path);
    await file.look();
    await file.look();
    expect(lines.filter((line) => line.includes('topology.unreadable'))).toHaveLength(1);
    expect(ports).toEqual([11]);
  });
});
