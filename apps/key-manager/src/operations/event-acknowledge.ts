// POST /event_ack: a service says what it did about events. No events are sent from here, so none can be completed by it: each
// acknowledgement is a line in the audit log, and nothing else (docs/registrations.md).
import type { EventAcknowledgeBody, OperationReply } from '@zonehold/api-contract';
import { noContent, type InstanceCall, type OperationPorts } from '../operation.ts';

/** 204 (reference §11.2). A repeat writes its lines again: audit events are delivered at least once. */
export function eventAcknowledge(
  ports: OperationPorts,
  { request, instance }: InstanceCall,
): Promise<OperationReply> {
  const { events } = request.body as EventAcknowledgeBody;
  const { credentialId, service = '-' } = request.caller;
  for (const { eventId, adopterKeyState, atMs, rewrappedKeyVersionId } of events) {
    ports.log.audit({
      event: 'event.acknowledged',
      instanceId: instance.instanceId,
      credentialId,
      service,
      eventId,
      adopterKeyState,
      saidAt: new Date(atMs).toISOString(),
      ...(rewrappedKeyVersionId === undefined ? {} : { rewrappedKeyVersionId }),
    });
  }
  return Promise.resolve(noContent);
}
