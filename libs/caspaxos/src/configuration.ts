// Who votes: the canonical text of a configuration, its stamp, its quorum, and the name an acceptor bears.
// Holds no key: digests and MACs come from the Authenticator.
import { assert } from '@zonehold/primitives';
import type {
  Authenticator,
  Configuration,
  ConfiguredAcceptor,
  SignedConfiguration,
  Stamp,
  StampedConfiguration,
} from './acceptor-port.ts';

const stampPattern = /^[0-9a-f]{16}:[0-9a-f]{32}$/;
const partPattern = /^[A-Za-z0-9._-]{1,100}$/;
/** Names and addresses, IPv6 too. */
const hostPattern = /^[A-Za-z0-9.:-]{1,253}$/;

/** The stamp of an acceptor that no configuration has admitted: no message can carry it. */
export const blankStamp: Stamp = `${'0'.repeat(16)}:${'0'.repeat(32)}`;

/** Zones are few; the limit only bounds what a forged text could make us allocate. */
const votersMax = 9;

/** What makes an acceptor the one we mean. A wiped or foreign Redis cannot have it. */
export interface AcceptorIdentity {
  readonly clusterId: string;
  readonly region: string;
  readonly zone: string;
  readonly acceptorId: string;
  readonly incarnation: string;
}

/** `<clusterId>/<region>/<zone>/<acceptorId>/<incarnation>`, as stored in the acceptor and carried by every message. */
export function selfOf(identity: AcceptorIdentity): string {
  const { clusterId, region, zone, acceptorId, incarnation } = identity;
  const parts = [clusterId, region, zone, acceptorId, incarnation];
  for (const part of parts)
    assert(partPattern.test(part), 'malformed part of an acceptor identity');
  return parts.join('/');
}

/** The parts of a self string; undefined when it is not one. */
export function parseSelf(self: string): AcceptorIdentity | undefined {
  const parts = self.split('/');
  if (parts.length !== 5 || !parts.every((part) => partPattern.test(part))) return undefined;
  const [clusterId, region, zone, acceptorId, incarnation] = parts as [
    string,
    string,
    string,
    string,
    string,
  ];
  return { clusterId, region, zone, acceptorId, incarnation };
}

function canonicalAcceptor(acceptor: ConfiguredAcceptor): ConfiguredAcceptor {
  const { zone, acceptorId, incarnation, address } = acceptor;
  for (const part of [zone, acceptorId, incarnation]) {
    assert(partPattern.test(part), 'malformed part of a configured acceptor');
  }
  if (address === undefined) return { zone, acceptorId, incarnation };
  const { host, port } = address;
  assert(hostPattern.test(host), 'malformed host of a configured acceptor');
  assert(Number.isInteger(port) && port > 0 && port < 65_536, 'port out of range');
  return { zone, acceptorId, incarnation, address: { host, port } };
}

/**
 * The one text of a configuration: members in fixed order, voters sorted by zone. Equal configurations have equal
 * texts, so the digest in the stamp says which configuration, not only which epoch (two controllers might both make "e+1").
 */
export function canonicalText(configuration: Configuration): string {
  const { epoch, voters, learner } = configuration;
  assert(Number.isSafeInteger(epoch) && epoch > 0, 'epoch must be a positive integer');
  assert(voters.length > 0 && voters.length <= votersMax, 'number of voters out of range');
  const zones = [...voters, ...(learner ? [learner] : [])].map(({ zone }) => zone);
  assert(new Set(zones).size === zones.length, 'one acceptor per zone');
  return JSON.stringify({
    epoch,
    voters: voters.map(canonicalAcceptor).sort((left, right) => (left.zone < right.zone ? -1 : 1)),
    learner: learner && canonicalAcceptor(learner),
  });
}

/** Signs the canonical text. */
export function signConfiguration(
  configuration: Configuration,
  authenticator: Authenticator,
): SignedConfiguration {
  const text = canonicalText(configuration);
  return { text, mac: authenticator.signConfiguration(text) };
}

/** A configuration whose MAC was checked, with all that is derived from it. */
export interface VerifiedConfiguration {
  readonly configuration: Configuration;
  readonly signed: SignedConfiguration;
  readonly stamp: Stamp;
}

/** Checks the MAC, then reads the text. Undefined when forged, or not canonical. */
export function verifyConfiguration(
  signed: SignedConfiguration,
  authenticator: Authenticator,
): VerifiedConfiguration | undefined {
  if (!authenticator.verifyConfiguration(signed)) return undefined;
  const configuration = JSON.parse(signed.text) as Configuration;
  if (canonicalText(configuration) !== signed.text) return undefined;
  return { configuration, signed, stamp: stampOf(signed.text, configuration.epoch, authenticator) };
}

function stampOf(text: string, epoch: number, authenticator: Authenticator): Stamp {
  return formatStamp(epoch, authenticator.digest(text));
}

/** A configuration as it is installed: signed, with its stamp. Only for one that was decided. */
export function stampConfiguration(
  configuration: Configuration,
  authenticator: Authenticator,
): StampedConfiguration {
  const signed = signConfiguration(configuration, authenticator);
  return {
    configuration: signed,
    stamp: stampOf(signed.text, configuration.epoch, authenticator),
  };
}

/** `<16 hex epoch>:<32 hex digest>`. */
export function formatStamp(epoch: number, digest: string): Stamp {
  const stamp = `${epoch.toString(16).padStart(16, '0')}:${digest}`;
  assert(stampPattern.test(stamp), 'malformed stamp');
  return stamp;
}

/** The epoch of a stamp; undefined when malformed. */
export function epochOf(stamp: Stamp): number | undefined {
  return stampPattern.test(stamp) ? Number.parseInt(stamp.slice(0, 16), 16) : undefined;
}

/** A majority: any two of them share a voter. Two voters need both. */
export function quorumSize(voterCount: number): number {
  return Math.floor(voterCount / 2) + 1;
}
