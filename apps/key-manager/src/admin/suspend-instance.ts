// suspend-instance and resume-instance: one member of the instance's register, which every operation reads.
import type { InstanceView } from '@zonehold/api-contract';
import type { Deadline } from '@zonehold/primitives';
import { noInstance, type Instance } from '../instance-repository.ts';
import type { AdminContext, AdminPorts } from './admin.ts';
import type { AdminRequestOf } from './admin-request.ts';
import { instanceView } from './views.ts';

/** Once answered, every zone refuses every operation on it. Twice is once; NOT_FOUND. */
export async function suspendInstance(
  ports: AdminPorts,
  { instanceId }: AdminRequestOf<'suspend-instance'>,
  { deadline, correlationId }: AdminContext,
): Promise<InstanceView> {
  const nowMs = ports.clock.wallMs();
  const suspended = await change(
    ports,
    instanceId,
    (instance) =>
      instance.suspendedAtMs === undefined ? { ...instance, suspendedAtMs: nowMs } : instance,
    deadline,
  );
  ports.log.info('instance.suspended', { instanceId, correlationId });
  return instanceView(ports.region, suspended);
}

/** Serves it again, with everything it had. Twice is once; NOT_FOUND. */
export async function resumeInstance(
  ports: AdminPorts,
  { instanceId }: AdminRequestOf<'resume-instance'>,
  { deadline, correlationId }: AdminContext,
): Promise<InstanceView> {
  const resumed = await change(
    ports,
    instanceId,
    (instance) => {
      const { suspendedAtMs, ...rest } = instance;
      return suspendedAtMs === undefined ? instance : rest;
    },
    deadline,
  );
  ports.log.info('instance.resumed', { instanceId, correlationId });
  return instanceView(ports.region, resumed);
}

async function change(
  { instances }: AdminPorts,
  instanceId: string,
  next: (instance: Instance) => Instance,
  deadline: Deadline,
): Promise<Instance> {
  const changed = await instances.change<Instance | undefined>(
    instanceId,
    (instance) => {
      if (instance === undefined) return { kind: 'keep', result: undefined };
      const record = next(instance);
      return record === instance
        ? { kind: 'keep', result: instance }
        : { kind: 'write', record, result: record };
    },
    deadline,
  );
  if (changed === undefined) throw noInstance(instanceId);
  return changed;
}
