// Has the key-manager of one zone use its canary key: the real path of a request, from the frame to acceptors and crypto-worker.
import { keyManagerMethods, type CanaryReply } from '@zonehold/api-contract';
import type { MeshClient } from '@zonehold/mesh';
import type { KmsErrorCode } from '@zonehold/primitives';
import { wellFound, type ProbePoint } from '../probe.ts';
import { judgeFailure } from './frame-health.ts';

/** It costs a majority's read and two ciphers. */
const everyRounds = 2;

/** UNAVAILABLE is an answer here: a key-manager without a majority of acceptors says it. */
const absent: ReadonlySet<KmsErrorCode> = new Set(['LINK_LOST', 'CIRCUIT_OPEN']);

/** A probe of `zone` by its canary key. */
export function canaryProbe(mesh: MeshClient, zone: string): ProbePoint {
  return {
    zone,
    target: 'canary',
    everyRounds,
    look: async (deadline) => {
      const options = { deadline, retry: 'none', zone } as const;
      try {
        const { reply } = await mesh.call<CanaryReply>(
          'key-manager',
          keyManagerMethods.canary,
          {},
          options,
        );
        if (reply.zone === zone) return wellFound;
        return {
          verdict: 'unwell',
          reason: `Its port is served by a key-manager of ${reply.zone}.`,
        };
      } catch (error) {
        return judgeFailure(error, absent);
      }
    },
  };
}
