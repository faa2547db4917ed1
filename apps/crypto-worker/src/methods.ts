// The table of frame methods: which operation serves each, and who may call it. Counts how they end.
import { cryptoWorkerMethods, type HealthReply } from '@zonehold/api-contract';
import type { FrameMethod } from '@zonehold/mesh';
import { isKmsError } from '@zonehold/primitives';
import type { Metrics } from '@zonehold/telemetry';
import { createImportToken } from './operations/create-import-token.ts';
import { createInstanceKey } from './operations/create-instance-key.ts';
import { createSigningKey } from './operations/create-signing-key.ts';
import { forgetMaterial } from './operations/forget-material.ts';
import { importMaterial } from './operations/import-material.ts';
import { regionKeys } from './operations/region-keys.ts';
import { revealMaterial } from './operations/reveal-material.ts';
import { sealMaterial } from './operations/seal-material.ts';
import { signToken } from './operations/sign-token.ts';
import { unwrap } from './operations/unwrap.ts';
import { wrap } from './operations/wrap.ts';
import type { Operation, Room } from './room.ts';

type OperationName = Exclude<keyof typeof cryptoWorkerMethods, 'health'>;

/** Only key-managers: whoever else could call would be a decryption oracle (threat model). */
const keyManagers = ['key-manager'] as const;
const anyService = [
  'gateway',
  'key-manager',
  'crypto-worker',
  'health-monitor',
  'operator',
] as const;

const operations: Readonly<Record<OperationName, Operation<unknown>>> = {
  regionKeys,
  createInstanceKey,
  sealMaterial,
  revealMaterial,
  wrap,
  unwrap,
  createImportToken,
  importMaterial,
  forgetMaterial,
  createSigningKey,
  signToken,
};

/** All methods of a crypto-worker, ready for the frame server. */
export function cryptoWorkerFrameMethods(
  room: Room,
  health: () => HealthReply,
  metrics: Pick<Metrics, 'cryptoOperations'>,
): Record<string, FrameMethod> {
  const methods: Record<string, FrameMethod> = {
    [cryptoWorkerMethods.health]: { callers: anyService, handle: async () => health() },
  };
  for (const name of Object.keys(operations) as OperationName[]) {
    methods[cryptoWorkerMethods[name]] = {
      callers: keyManagers,
      handle: counted(room, name, operations[name], metrics),
    };
  }
  return methods;
}

function counted(
  room: Room,
  name: OperationName,
  operation: Operation<unknown>,
  metrics: Pick<Metrics, 'cryptoOperations'>,
): FrameMethod['handle'] {
  const done = metrics.cryptoOperations.of({ operation: name, result: 'done' });
  const refused = metrics.cryptoOperations.of({ operation: name, result: 'refused' });
  const failed = metrics.cryptoOperations.of({ operation: name, result: 'failed' });
  return async (body, { deadline }) => {
    try {
      const reply = await operation(room, body, deadline);
      (isRefusal(reply) ? refused : done).inc();
      return reply;
    } catch (error) {
      (isKmsError(error) ? refused : failed).inc();
      throw error;
    }
  };
}

/** Only unwrap and importMaterial answer with `ok: false`. */
function isRefusal(reply: unknown): boolean {
  return (reply as { readonly ok?: boolean }).ok === false;
}
