// Who planted what a seed planted, and under which operation.
import type { OperationStamp } from '@zonehold/key-domain';

/** Shown as the maker of seeded keys and key rings. */
export const seedAuthor = 'iam-ServiceId-development-seed';

/** No client can send such an operation id, so nothing is ever taken for a repeat of it. */
export function seedStamp(id: string): OperationStamp {
  return { operationId: `seed/${id}`, tokenKind: 'none', tokenValue: '', parametersHash: '' };
}
