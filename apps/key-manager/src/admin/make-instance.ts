// The record of a new instance, with an instance key of its own sealed under the region root.
import { toHex } from '@zonehold/primitives';
import type { Instance } from '../instance-repository.ts';
import type { AdminContext, AdminPorts } from './admin.ts';

/** Half of a byte is a hex digit: 32 of them, as IBM's account ids. */
const accountIdBytes = 16;

/** Without `accountId` in an account of its own. Nobody has a right in it yet. */
export async function makeInstance(
  ports: AdminPorts,
  wanted: { readonly id: string; readonly name: string; readonly accountId?: string | undefined },
  context: AdminContext,
): Promise<Instance> {
  const { id: instanceId, name } = wanted;
  const { sealedInstanceKey } = await ports.crypto.createInstanceKey({ instanceId }, context);
  const instance: Instance = {
    instanceId,
    accountId: wanted.accountId ?? toHex(ports.random.bytes(accountIdBytes)),
    name,
    createdAtMs: ports.clock.wallMs(),
    sealedInstanceKey,
    grants: {},
  };
  await ports.instances.create(instance, context.deadline);
  return instance;
}
