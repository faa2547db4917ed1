// Requests as EVALSHA commands, and the scripts' replies as port replies. Pure: the meaning of both is in lua/*.lua.
import type {
  AcceptReply,
  AcceptRequest,
  InstallReply,
  PrepareReply,
  PrepareRequest,
  RefusedReply,
  SignedConfiguration,
  Stamp,
} from '@zonehold/caspaxos';
import type { RedisCommand } from './call-queue.ts';
import { configurationKey, indexKey, listKey, logKey, registerKey, shardOf } from './redis-keys.ts';
import { acceptScript, installConfigurationScript, prepareScript } from './scripts.ts';

/** The first member says which reply it is. Sequences are decimal text. */
export type ScriptReply = readonly [kind: string, ...rest: string[]];

/** Whom a request is for, and what the sender has seen of everybody's sequence, by record name. */
export interface Addressee {
  readonly self: string;
  readonly recordName: string;
  readonly seen: Readonly<Record<string, number>>;
  /** How a sequence is put on record with a peer. */
  readonly record: (recordName: string, seq: number) => string;
}

export function prepareCommand(to: Addressee, request: PrepareRequest): RedisCommand {
  const { id, stamp, ballot } = request;
  const keys = [configurationKey, registerKey(id)];
  return ['evalsha', prepareScript.sha, '2', ...keys, to.self, stamp, ballot, ...peersOf(to)];
}

export function acceptCommand(to: Addressee, request: AcceptRequest): RedisCommand {
  const { id, stamp, ballot, payload, mac, summary } = request;
  const { scope } = id;
  const index = indexKey(shardOf(scope));
  const keys = [configurationKey, registerKey(id), index, listKey(scope), logKey(scope)];
  const member = `${id.scope}/${id.name}`;
  return [
    ...['evalsha', acceptScript.sha, '5', ...keys, to.self, stamp, ballot, payload, mac],
    ...[member, id.name, summary ?? '', ...peersOf(to)],
  ] as unknown as RedisCommand;
}

export function installCommand(
  self: string,
  expected: Stamp,
  next: { readonly configuration: SignedConfiguration; readonly stamp: Stamp },
): RedisCommand {
  const { text, mac } = next.configuration;
  const script = installConfigurationScript.sha;
  return ['evalsha', script, '1', configurationKey, self, expected, next.stamp, text, mac];
}

/** Undefined when prepare.lua cannot have said this; so for the other two. */
export function toPrepareReply([kind, ...rest]: ScriptReply): PrepareReply | undefined {
  if (kind === 'stale-epoch') return staleEpoch(rest);
  const [, first = '', second = '', third = ''] = rest;
  if (kind === 'conflict') return { kind, promise: first, accepted: second };
  if (kind !== 'promised') return undefined;
  return { kind, accepted: { ballot: first, payload: second, mac: third } };
}

export function toAcceptReply([kind, ...rest]: ScriptReply): AcceptReply | undefined {
  if (kind === 'stale-epoch') return staleEpoch(rest);
  if (kind === 'conflict') return { kind, promise: rest[1] ?? '', accepted: rest[2] ?? '' };
  return kind === 'accepted' || kind === 'clash' ? { kind } : undefined;
}

export function toInstallReply([kind, ...rest]: ScriptReply): InstallReply | undefined {
  if (kind === 'stale-epoch') return staleEpoch(rest);
  return kind === 'installed' ? { kind } : undefined;
}

function staleEpoch([text, mac]: readonly string[]): RefusedReply {
  const reason = 'the message was made under another configuration';
  const refused = { kind: 'refused', standing: 'stale-epoch', reason } as const;
  return text && mac ? { ...refused, configuration: { text, mac } } : refused;
}

/** Pairs of record name and record, without the addressee's own: it counts those itself. */
function peersOf({ recordName, seen, record }: Addressee): string[] {
  const flat: string[] = [];
  for (const [name, seq] of Object.entries(seen))
    if (name !== recordName) flat.push(name, record(name, seq));
  return flat;
}
