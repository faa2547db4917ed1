// The canary: a key of nobody's, by which a health-monitor sees whether this key-manager really serves. It goes the way of a wrap
// (a majority's read, a crypto-worker) and, more seldom, the way of a change: prepare and accept, on disk in most zones.
import type { CanaryReply } from '@zonehold/api-contract';
import type { RegisterId, RegisterStore } from '@zonehold/caspaxos';
import { Deadline, KmsError, toBase64, type Clock, type Random } from '@zonehold/primitives';
import type { CryptoClient } from '../crypto-client.ts';
import { changeRecord } from '../record-change.ts';

export const canaryPolicy = {
  /** What one monitor asked counts for the others so long: a quiet region is not to be busy with its canaries. */
  freshMs: 800,
  /** Between two changes. */
  changeEveryMs: 10_000,
} as const;

/** The key's own names; no instance and no key can have them, because theirs are UUIDs. */
const instanceId = 'canary';
const versionId = 'canary';
const aad = ['canary'];
const dekBytes = 32;

/** The value of the register `canary/<zone>`. */
interface CanaryRecord {
  readonly sealedInstanceKey: string;
  readonly sealedMaterial: string;
  /** How often it was changed. */
  readonly changes: number;
}

export interface CanaryPorts {
  readonly store: RegisterStore;
  readonly crypto: CryptoClient;
  readonly clock: Clock;
  readonly random: Random;
}

/** One canary for each zone: two key-managers never wait for each other's register. */
export function canaryRegister(zone: string): RegisterId {
  return { scope: 'canary', name: zone };
}

export class CanaryKey {
  readonly #ports: CanaryPorts;
  readonly #zone: string;
  #latest: { readonly startedMs: number; readonly result: Promise<CanaryReply> } | undefined;
  #changedMs: number | undefined;

  constructor(ports: CanaryPorts, zone: string) {
    this.#ports = ports;
    this.#zone = zone;
  }

  /** Sings, or repeats what it sang a moment ago, well or not. Fails as the store and the crypto-worker do. */
  sing(deadline: Deadline): Promise<CanaryReply> {
    const nowMs = this.#ports.clock.monotonicMs();
    if (this.#latest === undefined || nowMs - this.#latest.startedMs >= canaryPolicy.freshMs)
      // With time of its own: when the one who asked first is gone, the others still wait for the song.
      this.#latest = {
        startedMs: nowMs,
        result: this.#sing(Deadline.after(this.#ports.clock, deadline.remainingMs())),
      };
    return this.#latest.result;
  }

  async #sing(deadline: Deadline): Promise<CanaryReply> {
    const record = await this.#record(deadline);
    const { sealedInstanceKey, sealedMaterial } = record;
    const version = { versionId, sealedMaterial };
    const key = { sealedInstanceKey, instanceId, keyId: this.#zone };
    const context = { deadline, correlationId: 'canary' };
    const plaintext = toBase64(this.#ports.random.bytes(dekBytes));
    const { crypto } = this.#ports;
    const { ciphertext } = await crypto.wrap({ ...key, version, plaintext, aad }, context);
    const opened = await crypto.unwrap(
      { ...key, versions: [version], ciphertext, aad, mode: 'unwrap' },
      context,
    );
    if (!opened.ok || opened.plaintext !== plaintext)
      throw new KmsError('INTEGRITY', 'what the canary key wraps does not unwrap');
    return { zone: this.#zone, changes: record.changes };
  }

  /** Read by a majority; changed when it is time, and made when it is not there. */
  async #record(deadline: Deadline): Promise<CanaryRecord> {
    const { store, clock } = this.#ports;
    const nowMs = clock.monotonicMs();
    const [state] = await store.read([canaryRegister(this.#zone)], deadline);
    const text = state?.value ?? null;
    const isDue =
      this.#changedMs === undefined || nowMs - this.#changedMs >= canaryPolicy.changeEveryMs;
    if (text !== null && !isDue) return JSON.parse(text) as CanaryRecord;
    const fresh = text === null ? await this.#freshKey(deadline) : undefined;
    const changed = await changeRecord<CanaryRecord, CanaryRecord | undefined>(
      store,
      canaryRegister(this.#zone),
      (current) => {
        const kept = current ?? fresh;
        if (kept === undefined) return { kind: 'keep', result: undefined };
        const record = { ...kept, changes: kept.changes + 1 };
        return { kind: 'write', record, result: record };
      },
      deadline,
    );
    if (changed === undefined) throw new KmsError('INTEGRITY', 'the canary key has disappeared');
    this.#changedMs = nowMs;
    return changed;
  }

  async #freshKey(deadline: Deadline): Promise<CanaryRecord> {
    const { crypto } = this.#ports;
    const context = { deadline, correlationId: 'canary' };
    const { sealedInstanceKey } = await crypto.createInstanceKey({ instanceId }, context);
    const binding = { instanceId, keyId: this.#zone, versionId };
    const { sealedMaterial } = await crypto.sealMaterial({ sealedInstanceKey, binding }, context);
    return { sealedInstanceKey, sealedMaterial, changes: 0 };
  }
}
