// seed-key: a key whose id and material somebody chose, with its versions, its state and its policies. Only in a development
// region. The material is sealed by a crypto-worker as an import is; the record comes out of the same transitions as any other.
import { parseTimestamp, type SeedKey, type SeedView } from '@zonehold/api-contract';
import {
  applied,
  createKey,
  defaultKeyRingId,
  disableKey,
  nameKeyRing,
  nextAliasSerial,
  policiesOf,
  refuseCreate,
  refusePolicies,
  rotateKey,
  rotationWaitMs,
  type DomainRefusal,
  type Key,
  type KeyPolicies,
  type KeyPolicyWishes,
  type RingName,
  type Transition,
} from '@zonehold/key-domain';
import { assert, KmsError } from '@zonehold/primitives';
import type { Instance } from '../instance-repository.ts';
import { randomUuid } from '../key-id.ts';
import { policyAuthor } from '../policy-author.ts';
import type { AdminContext, AdminPorts } from './admin.ts';
import type { AdminRequestOf } from './admin-request.ts';
import { seedAuthor, seedStamp } from './seed-stamp.ts';
import { instanceToSeed, type SeedingPorts } from './seeding.ts';

interface SealedVersion {
  readonly versionId: string;
  readonly sealedMaterial: string;
}

/** What a seeded key is made of, besides what its seed says. */
interface Parts {
  readonly instanceId: string;
  readonly ring: RingName;
  readonly versions: readonly [SealedVersion, ...SealedVersion[]];
  readonly policies: KeyPolicies | undefined;
  readonly nowMs: number;
}

/** A key that was ever there, purged ones too, stays as it is. CONFLICT for an alias that another key has, NOT_FOUND for a ring. */
export async function seedKey(
  ports: AdminPorts,
  { instanceId, key: seed }: AdminRequestOf<'seed-key'>,
  context: AdminContext,
): Promise<SeedView> {
  const { seeding } = ports;
  assert(seeding !== undefined, 'elsewhere the request is not parsed');
  const instance = await instanceToSeed(ports.instances, instanceId, context.deadline);
  const [known] = await ports.keys.read(instanceId, [seed.id], context.deadline);
  if (instance === undefined || known !== undefined) return { isNew: false };
  const nowMs = ports.clock.wallMs();
  const policies = policiesIn(ports, seed, nowMs);
  const ring = await ringOf(ports, instanceId, seed, context);
  await claimAliases(seeding, instanceId, seed, nowMs, context);
  const versions = await sealVersions(ports, instance, seed, context);
  const key = grow(seed, { instanceId, ring, versions, policies, nowMs });
  const isNew = await ports.keys.change<boolean>(
    instanceId,
    seed.id,
    (current) =>
      current === undefined
        ? { kind: 'write', record: key, result: true }
        : { kind: 'keep', result: false },
    context.deadline,
  );
  if (isNew) ports.log.info('key.seeded', { instanceId, keyId: seed.id });
  return { isNew };
}

/** The key with all that happened to it. Pure. The rules in time hold for it too, so the last of it was an hour ago. */
function grow(seed: SeedKey, parts: Parts): Key {
  const { instanceId, ring, policies, nowMs } = parts;
  const [first, ...later] = parts.versions;
  const { id, name, description, tags, aliases } = seed;
  const stamp = seedStamp(id);
  const expiresAtMs = expirationOf(seed);
  const endMs = nowMs - rotationWaitMs;
  const made = createKey(
    {
      ...{ id, instanceId, name, stamp, ...ring },
      ...(description === undefined ? {} : { description }),
      ...(tags === undefined ? {} : { tags }),
      ...(aliases === undefined ? {} : { aliases }),
      ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
      isExtractable: seed.extractable,
      isImported: isImported(seed),
      createdBy: seedAuthor,
      sealedMaterial: first.sealedMaterial,
      ...(policies === undefined ? {} : { policies }),
    },
    endMs - later.length * rotationWaitMs,
  );
  const rotated = later.reduce((key, version, at) => {
    const input = { stamp, ...version, hasPayload: isImported(seed) };
    return grown(rotateKey(key, input, endMs - (later.length - 1 - at) * rotationWaitMs));
  }, grown(made));
  return seed.state === 'suspended' ? grown(disableKey(rotated, { stamp }, endMs)) : rotated;
}

function grown(transition: Transition): Key {
  if (!transition.ok) throw invalid(transition.refusal);
  return transition.key;
}

function isImported({ imported }: SeedKey): boolean {
  return imported ?? true;
}

function expirationOf({ expirationDate }: SeedKey): number | undefined {
  return expirationDate === undefined ? undefined : parseTimestamp(expirationDate);
}

function policiesIn(ports: AdminPorts, seed: SeedKey, nowMs: number): KeyPolicies | undefined {
  const expiresAtMs = expirationOf(seed);
  const expired = refuseCreate(expiresAtMs === undefined ? {} : { expiresAtMs }, nowMs);
  if (expired !== undefined) throw invalid(expired);
  const { dualAuthDelete, rotation } = seed.policies ?? {};
  const wishes: KeyPolicyWishes = {
    ...(dualAuthDelete && { dualAuthDelete: { isEnabled: dualAuthDelete.enabled } }),
    ...(rotation && {
      rotation: { isEnabled: rotation.enabled, intervalMonths: rotation.interval_month },
    }),
  };
  const subject = { isExtractable: seed.extractable, isImported: isImported(seed) };
  const refusal = refusePolicies(subject, wishes);
  if (refusal !== undefined) throw invalid(refusal);
  if (Object.keys(wishes).length === 0) return undefined;
  return policiesOf(undefined, wishes, policyAuthor(ports.random, seedAuthor), nowMs);
}

async function ringOf(
  { keyRings }: AdminPorts,
  instanceId: string,
  { keyRing = defaultKeyRingId }: SeedKey,
  { deadline }: AdminContext,
): Promise<RingName> {
  const ring = nameKeyRing(await keyRings.read(instanceId, deadline), keyRing);
  if (ring === undefined) throw new KmsError('NOT_FOUND', `there is no key ring ${keyRing}`);
  return ring;
}

async function claimAliases(
  { aliases: repository }: SeedingPorts,
  instanceId: string,
  { id, aliases }: SeedKey,
  nowMs: number,
  { deadline }: AdminContext,
): Promise<void> {
  const creation = applied(seedStamp(id), 'create', nowMs);
  const claim = { keyId: id, serial: nextAliasSerial(undefined), creation };
  for (const alias of aliases ?? []) {
    const claimed = await repository.claim({ instanceId, alias, claim, nowMs }, deadline);
    if (claimed !== 'claimed') throw new KmsError('CONFLICT', `the alias ${alias} is ${claimed}`);
  }
}

async function sealVersions(
  { crypto, random }: AdminPorts,
  { instanceId, sealedInstanceKey }: Instance,
  { id: keyId, payload, rotations = [] }: SeedKey,
  context: AdminContext,
): Promise<readonly [SealedVersion, ...SealedVersion[]]> {
  const seal = async (versionId: string, material: string): Promise<SealedVersion> => {
    const binding = { instanceId, keyId, versionId };
    const sealed = await crypto.sealMaterial({ sealedInstanceKey, binding, material }, context);
    return { versionId, sealedMaterial: sealed.sealedMaterial };
  };
  // The first version's id is the key's (reference §6.2).
  const first = await seal(keyId, payload);
  const later = await Promise.all(
    rotations.map((rotation) => seal(rotation.versionId ?? randomUuid(random), rotation.payload)),
  );
  return [first, ...later];
}

function invalid({ code, detail = '', target }: DomainRefusal): KmsError {
  const where = target === undefined ? '' : `${target.name}: `;
  return new KmsError('INVALID_ARGUMENT', `${where}${detail === '' ? code : `must be ${detail}`}`);
}
