// open-instance: lets callers in from everywhere again, for a tenant whose own policies keep everybody out.
import type { InstanceView } from '@zonehold/api-contract';
import { instancePoliciesOf, type InstancePolicyWishes } from '@zonehold/key-domain';
import { KmsError } from '@zonehold/primitives';
import type { Instance } from '../instance-repository.ts';
import type { AdminContext, AdminPorts } from './admin.ts';
import type { AdminRequestOf } from './admin-request.ts';
import { instanceView } from './views.ts';

/** Who changed the policies, as the tenant reads it in them. */
const operatorId = 'operator';

/** Disables allowedIP and allowedNetwork where they are enabled; other policies stay. NOT_FOUND without the instance. */
export async function openInstance(
  ports: AdminPorts,
  { instanceId }: AdminRequestOf<'open-instance'>,
  { deadline, correlationId }: AdminContext,
): Promise<InstanceView> {
  const nowMs = ports.clock.wallMs();
  const instance = await ports.instances.change<Instance | undefined>(
    instanceId,
    (current) => {
      const wishes = openingWishes(current);
      if (current === undefined || Object.keys(wishes).length === 0) {
        return { kind: 'keep', result: current };
      }
      const policies = instancePoliciesOf(current.policies, wishes, operatorId, nowMs);
      const record = { ...current, policies };
      return { kind: 'write', record, result: record };
    },
    deadline,
  );
  if (instance === undefined) throw new KmsError('NOT_FOUND', `there is no instance ${instanceId}`);
  ports.log.info('instance.opened', { instanceId, correlationId });
  return instanceView(ports.region, instance);
}

/** Pure. */
function openingWishes(current: Instance | undefined): InstancePolicyWishes {
  const { allowedIP, allowedNetwork } = current?.policies ?? {};
  return {
    ...(allowedIP?.isEnabled === true ? { allowedIP: { isEnabled: false } } : {}),
    ...(allowedNetwork?.isEnabled === true ? { allowedNetwork: { isEnabled: false } } : {}),
  };
}
