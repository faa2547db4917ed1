// The disks behind a region's acceptors, for the rebuild controller: errands on a connection of their own to one zone's Redis.
// What may be done there is in format.lua and reincarnate.lua; it never erases.
import {
  blankConfiguration,
  blankStamp,
  type InstallReply,
  type UnreachableReply,
  type ZoneDisk,
  type ZoneDisks,
} from '@zonehold/caspaxos';
import { isKmsError, KmsError } from '@zonehold/primitives';
import { inspectionCommands } from './inspection.ts';
import { withConnection, type RedisCaller } from './kept-connection.ts';
import { configurationKey } from './redis-keys.ts';
import { addressIn, type RegionAccess } from './region-acceptors.ts';
import { isFields, isTexts } from './reply-shapes.ts';
import { parseInfo, parsePairs, unsafeSettings } from './safety-settings.ts';
import { toInstallReply } from './script-calls.ts';
import { formatScript, reincarnateScript, type Script } from './scripts.ts';

/** Disks reached with the rights of `access` (user `key-manager`). */
export function createRedisDisks(access: RegionAccess): ZoneDisks {
  return {
    at: (zone, moved): ZoneDisk => {
      const errand = async <Result>(
        timeoutMs: number,
        run: (redis: RedisCaller) => Promise<Result>,
      ): Promise<Result> => {
        const address = addressIn(access, zone, moved);
        if (address === undefined) throw new KmsError('NOT_FOUND', `no address of ${zone}`);
        return withConnection(address, access.random, timeoutMs, run);
      };
      const runScript = (timeoutMs: number, script: Script, args: readonly string[]) =>
        orUnreachable<InstallReply>(() =>
          errand(timeoutMs, (redis) => runInstallScript(redis, script, args)),
        );
      return {
        look: async (timeoutMs) => {
          const looked = await orUnreachable(() => errand(timeoutMs, lookAt));
          return looked;
        },
        format: (self, timeoutMs) => {
          const { text, mac } = blankConfiguration;
          return runScript(timeoutMs, formatScript, [self, blankStamp, text, mac]);
        },
        reincarnate: ({ self, stamp }, nextSelf, timeoutMs) =>
          runScript(timeoutMs, reincarnateScript, [self, stamp, nextSelf, blankStamp]),
        rewriteLog: async (timeoutMs) => {
          await orUnreachable(() => errand(timeoutMs, startRewrite));
        },
      };
    },
  };
}

async function orUnreachable<Reply>(run: () => Promise<Reply>): Promise<Reply | UnreachableReply> {
  try {
    return await run();
  } catch (error) {
    if (!isKmsError(error)) throw error;
    return { kind: 'unreachable', wasSent: true, reason: error.message };
  }
}

async function lookAt(redis: RedisCaller): Promise<Awaited<ReturnType<ZoneDisk['look']>>> {
  const commands = [...inspectionCommands, ['dbsize'] as const];
  const replies = await Promise.all(commands.map(([name, ...args]) => redis.call(name, ...args)));
  const [info, settings, header, size] = replies;
  if (typeof info !== 'string' || !isTexts(settings) || !isFields(header)) {
    return { kind: 'unsafe', reason: 'the answers to the check cannot be read' };
  }
  const unsafe = unsafeSettings(parsePairs(settings), parseInfo(info));
  if (unsafe.length > 0) return { kind: 'unsafe', reason: unsafe.join('; ') };
  const [self = null, stamp = null] = header;
  if (self !== null) return { kind: 'held', self, stamp: stamp ?? '' };
  return size === 0
    ? { kind: 'empty' }
    : { kind: 'held', self: 'nobody: it holds keys of another program', stamp: '' };
}

/** Loaded each time: a wiped Redis knows no scripts. */
async function runInstallScript(
  redis: RedisCaller,
  script: Script,
  args: readonly string[],
): Promise<InstallReply> {
  await redis.call('script', 'load', script.text);
  const reply = await redis.call('evalsha', script.sha, '1', configurationKey, ...args);
  const [kind = '', ...rest] = isTexts(reply) ? reply : [];
  const known = toInstallReply([kind, ...rest]);
  if (known !== undefined) return known;
  const reason = `the acceptor is ${kind || 'silent'}: another identity is there than was seen`;
  return { kind: 'refused', standing: 'foreign', reason };
}

async function startRewrite(redis: RedisCaller): Promise<void> {
  await redis.call('bgrewriteaof');
}
