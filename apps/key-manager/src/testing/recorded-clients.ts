// For tests only: clients of key-managers that write down what they asked and what they were told, as the history checker
// wants it. A client repeats a request whose outcome is open with the same operation id, as a gateway does.
import type { OperationName, OperationReply, OperationRequest } from '@zonehold/api-contract';
import { Deadline, isKmsError, systemClock, type SeededRandom } from '@zonehold/primitives';
import type { KeyInput, KeyOutput, RecordedOperation } from '@zonehold/testkit';
import { headIdOf } from '../operations/create-key.ts';
import { perform } from '../dispatch.ts';
import { requestOf, type Credential, type TestManager } from './key-managers.ts';

export type KeyOperation = RecordedOperation<KeyInput, KeyOutput>;

const attemptsMax = 3;
const requestTimeoutMs = 1_500;

const operations: Readonly<Partial<Record<KeyInput['action'], OperationName>>> = {
  create: 'createKey',
  metadata: 'getKeyMetadata',
  wrap: 'wrapKey',
  unwrap: 'unwrapKey',
  rotate: 'rotateKey',
  disable: 'disableKey',
  enable: 'enableKey',
  delete: 'deleteKey',
};

/** Out of these a client draws: mostly use, some change. */
const drawn: readonly KeyInput['action'][] = [
  ...(['wrap', 'wrap', 'wrap', 'unwrap', 'unwrap', 'unwrap', 'metadata'] as const),
  ...(['create', 'create', 'disable', 'disable', 'enable', 'enable', 'rotate'] as const),
];

interface KnownKey {
  readonly id: string;
  readonly ciphertexts: { readonly text: string; readonly versionId: string }[];
}

/** What all clients of one run share. */
export class RecordedClients {
  readonly history: KeyOperation[] = [];
  readonly #managers: readonly TestManager[];
  readonly #instance: { readonly instanceId: string; readonly manager: Credential };
  readonly #random: SeededRandom;
  readonly #keys: KnownKey[] = [];
  #count = 0;
  #isStopping = false;

  constructor(
    managers: readonly TestManager[],
    instance: { readonly instanceId: string; readonly manager: Credential },
    random: SeededRandom,
  ) {
    this.#managers = managers;
    this.#instance = instance;
    this.#random = random;
  }

  /** Runs `count` clients until `stop`. */
  async run(count: number): Promise<void> {
    await Promise.all(Array.from({ length: count }, () => this.#client()));
  }

  stop(): void {
    this.#isStopping = true;
  }

  /** Operations that were not answered, by outcome. */
  unanswered(outcome: 'not-applied' | 'unknown'): number {
    return this.history.filter((operation) => operation.outcome === outcome).length;
  }

  /** Looks at every key that was ever acknowledged, through every key-manager; returns ids that are not found. */
  async readBack(): Promise<readonly string[]> {
    const missing: string[] = [];
    for (const manager of this.#managers) {
      for (const { id } of this.#keys) {
        const { output } = await this.#ask('metadata', id, {}, manager);
        if (output?.status !== 200) missing.push(id);
      }
    }
    return missing;
  }

  async #client(): Promise<void> {
    while (!this.#isStopping) await this.#one();
  }

  async #one(): Promise<void> {
    const action = drawn[this.#random.below(drawn.length)]!;
    const key = this.#keys[this.#random.below(Math.max(1, this.#keys.length))];
    if (action === 'create' || key === undefined) {
      await this.#create();
      return;
    }
    if (action === 'unwrap') {
      const ciphertext = key.ciphertexts[this.#random.below(Math.max(1, key.ciphertexts.length))];
      if (ciphertext === undefined) return;
      await this.#ask('unwrap', key.id, { body: { ciphertext: ciphertext.text, aad: [] } });
      return;
    }
    const body = action === 'wrap' ? { plaintext: undefined, aad: [] } : {};
    const { reply } = await this.#ask(action, key.id, { body });
    if (action !== 'wrap' || reply?.ok !== true) return;
    const wrapped = reply.body as { ciphertext: string; keyVersion: { id: string } };
    if (key.ciphertexts.length < 50) {
      key.ciphertexts.push({ text: wrapped.ciphertext, versionId: wrapped.keyVersion.id });
    }
  }

  async #create(): Promise<void> {
    const manager = this.#anyManager();
    const request = requestOf(this.#instance, 'createKey', {
      body: { name: 'a key', isExtractable: false },
    });
    const id = headIdOf(manager.operations, { request });
    const { output } = await this.#send('create', id, request);
    if (output?.status === 201) this.#keys.push({ id, ciphertexts: [] });
  }

  #ask(
    action: KeyInput['action'],
    keyRef: string,
    members: Partial<OperationRequest>,
    manager?: TestManager,
  ) {
    const request = requestOf(this.#instance, operations[action]!, { ...members, keyRef });
    return this.#send(action, keyRef, request, manager);
  }

  #anyManager(): TestManager {
    return this.#managers[this.#random.below(this.#managers.length)]!;
  }

  /** One request with its repeats: one operation of the history. */
  async #send(
    action: KeyInput['action'],
    register: string,
    request: OperationRequest,
    manager?: TestManager,
  ): Promise<{ readonly output?: KeyOutput; readonly reply?: OperationReply }> {
    const opId = `op-${(this.#count += 1)}`;
    const invokedAt = systemClock.monotonicMs();
    let mayHaveTakenEffect = false;
    for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
      const { operations: ports } = manager ?? this.#anyManager();
      try {
        const reply = await perform(ports, request, Deadline.after(ports.clock, requestTimeoutMs));
        const output = outputOf(action, reply);
        const returnedAt = systemClock.monotonicMs();
        const recorded = { opId, register, input: { action }, output, invokedAt, returnedAt };
        this.history.push({ ...recorded, outcome: 'ok' });
        return { output, reply };
      } catch (error) {
        if (!isKmsError(error)) throw error;
        mayHaveTakenEffect ||= error.outcome === 'unknown';
      }
    }
    this.history.push({
      ...{ opId, register, input: { action }, invokedAt },
      returnedAt: mayHaveTakenEffect ? Infinity : systemClock.monotonicMs(),
      outcome: mayHaveTakenEffect ? 'unknown' : 'not-applied',
    });
    return {};
  }
}

function outputOf(action: KeyInput['action'], reply: OperationReply): KeyOutput {
  if (!reply.ok) return { status: 409, code: reply.refusal.code };
  const { status } = reply;
  const body = reply.body as
    | {
        readonly keyVersion?: { readonly id: string };
        readonly resources?: readonly { readonly state?: 1 | 2 | 3 | 5 }[];
      }
    | undefined;
  const keyState = action === 'metadata' ? body?.resources?.[0]?.state : undefined;
  const versionId = action === 'wrap' ? body?.keyVersion?.id : undefined;
  return {
    status,
    ...(keyState === undefined ? {} : { keyState }),
    ...(versionId === undefined ? {} : { versionId }),
  };
}
