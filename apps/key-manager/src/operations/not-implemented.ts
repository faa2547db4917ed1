// What the contract knows and this service does not do yet, or never does for people. Answered after the rights check.
import { operationRow, type OperationReply } from '@zonehold/api-contract';
import { refuse, type InstanceCall } from '../operation.ts';

/** 403 for what only services may call, 501 for the rest. */
export function notImplemented({ request }: Pick<InstanceCall, 'request'>): OperationReply {
  const { isServiceOnly } = operationRow(request.operation);
  return refuse({ code: isServiceOnly === true ? 'SERVICE_ONLY_ERR' : 'NOT_IMPLEMENTED_ERR' });
}
