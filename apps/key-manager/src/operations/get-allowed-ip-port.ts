// GET /instance/allowed_ip_port: where an instance whose callers are limited by address is reached on the private endpoint.
import { allowedIpPortCollection, type OperationReply } from '@zonehold/api-contract';
import type { InstanceCall, OperationPorts } from '../operation.ts';

/** 200; without ports while no allowedIP policy is enabled, or the region has no private endpoint (reference §9.2). */
export async function getAllowedIpPort(
  { privatePorts }: OperationPorts,
  { instance }: InstanceCall,
): Promise<OperationReply> {
  const isLimited = instance.policies?.allowedIP?.isEnabled === true;
  return { ok: true, status: 200, body: allowedIpPortCollection(isLimited ? privatePorts : []) };
}
