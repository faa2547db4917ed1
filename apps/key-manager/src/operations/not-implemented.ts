// What the contract knows and this service does not do yet. Answered after the rights check.
import type { OperationReply } from '@zonehold/api-contract';
import { refuse } from '../operation.ts';

/** 501. Whom what is only for services is refused, caller-kind.ts says. */
export const notImplemented: OperationReply = refuse({ code: 'NOT_IMPLEMENTED_ERR' });
