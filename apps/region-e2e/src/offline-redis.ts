// A zone's Redis as someone sees it who has its disk: started alone on its files, without TLS or users, and changed at will.
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findFreePorts } from '@zonehold/testkit';
import { eventually } from './eventually.ts';

const run = promisify(execFile);

/** Writes and reads registers behind the acceptor's back. */
export interface OfflineRedis {
  readRegister(scope: string, name: string): Promise<Record<string, string>>;
  writeRegister(
    scope: string,
    name: string,
    fields: Readonly<Record<string, string>>,
  ): Promise<void>;
}

/** Runs `work` on the data of a Redis that does not run. The files are whole again when this returns. */
export async function withOfflineRedis<Result>(
  redisDir: string,
  work: (redis: OfflineRedis) => Promise<Result>,
): Promise<Result> {
  const { regionalPort: port } = await findFreePorts();
  const server = spawn(
    'redis-server',
    [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--dir',
      redisDir,
      '--save',
      '',
      '--appendonly',
      'yes',
      '--appendfsync',
      'always',
    ],
    { stdio: 'ignore', env: { ...process.env, LC_ALL: 'C' } },
  );
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  const say = async (...words: string[]): Promise<string> =>
    (await run('redis-cli', ['-p', String(port), ...words])).stdout;
  try {
    await eventually(
      'the offline Redis answers',
      10_000,
      async () => (await say('ping')) === 'PONG\n',
    );
    return await work({
      async readRegister(scope, name) {
        const lines = (await say('hgetall', registerKey(scope, name))).split('\n');
        const fields: Record<string, string> = {};
        for (let at = 0; at + 1 < lines.length; at += 2)
          fields[lines[at] ?? ''] = lines[at + 1] ?? '';
        return fields;
      },
      async writeRegister(scope, name, fields) {
        await say('hset', registerKey(scope, name), ...Object.entries(fields).flat());
      },
    });
  } finally {
    await say('shutdown', 'nosave').catch(() => '');
    await ended;
  }
}

/** As docs/architecture.md §4 says; written out again, since this test stands outside the house. */
function registerKey(scope: string, name: string): string {
  const shard = createHash('sha256').update(scope).digest()[0] ?? 0;
  return `{s${String(shard).padStart(3, '0')}}:reg:${scope}/${name}`;
}

/** The data directory of a zone's present Redis. */
export function redisDirOf(regionDir: string, zone: string): string {
  const record = JSON.parse(readFileSync(join(regionDir, 'region.json'), 'utf8')) as {
    readonly zones: readonly { readonly zone: string; readonly redis?: { number: number } }[];
  };
  const number = record.zones.find((entry) => entry.zone === zone)?.redis?.number ?? 1;
  return join(regionDir, 'zones', zone, number === 1 ? 'redis' : `redis-${number}`);
}
