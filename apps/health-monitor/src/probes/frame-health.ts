// Asks a service's own `health` over the mesh, in exactly one zone: the same mTLS, frames and handlers as requests use.
import type { HealthReply } from '@zonehold/api-contract';
import type { MeshClient, ServiceName } from '@zonehold/mesh';
import { isKmsError, type KmsErrorCode } from '@zonehold/primitives';
import { noAnswer, wellFound, type Finding, type ProbePoint } from '../probe.ts';

/** Codes that say that nobody was there to answer. All others are an answer, and not a good one. */
const absent: ReadonlySet<KmsErrorCode> = new Set(['LINK_LOST', 'UNAVAILABLE', 'CIRCUIT_OPEN']);

/** A probe of `service` in `zone` by its health frame. */
export function frameHealthProbe(
  mesh: MeshClient,
  zone: string,
  service: Exclude<ServiceName, 'gateway'>,
): ProbePoint {
  return {
    zone,
    target: service,
    look: async (deadline): Promise<Finding> => {
      try {
        const { reply } = await mesh.call<HealthReply>(
          service,
          'health',
          {},
          {
            deadline,
            retry: 'none',
            zone,
          },
        );
        return judgeHealth(reply, zone, service);
      } catch (error) {
        return judgeFailure(error, absent);
      }
    },
  };
}

/** What a failed call says. `absentCodes`: those that say that nobody was there. */
export function judgeFailure(error: unknown, absentCodes: ReadonlySet<KmsErrorCode>): Finding {
  if (!isKmsError(error)) throw error;
  if (error.code === 'DEADLINE_EXCEEDED') return noAnswer;
  // Alive, and full: to take its work away would fill the next.
  if (error.code === 'OVERLOADED') return wellFound;
  if (absentCodes.has(error.code))
    return { verdict: 'refused', reason: 'No connection can be made.' };
  return { verdict: 'unwell', reason: `It answers ${error.code}: ${error.message}.` };
}

/** A reply from another service or zone than asked is a wrongly wired port, not a healthy one. */
function judgeHealth(reply: HealthReply, zone: string, service: string): Finding {
  if (reply.zone !== zone || reply.service !== service) {
    return {
      verdict: 'unwell',
      reason: `Its port is served by ${reply.service} of ${reply.zone}.`,
    };
  }
  if (reply.isReady) return wellFound;
  return {
    verdict: 'unwell',
    reason: reply.reasons.join(' ') || 'It is not ready and does not say why.',
  };
}
