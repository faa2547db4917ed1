// Who sets policies of a key, with ids for those that are new. They are drawn before the round: a change function is pure.
import type { PolicyAuthor } from '@zonehold/key-domain';
import type { Random } from '@zonehold/primitives';
import { randomUuid } from './key-id.ts';

export function policyAuthor(random: Random, iamId: string): PolicyAuthor {
  return {
    by: iamId,
    ids: { dualAuthDelete: randomUuid(random), rotation: randomUuid(random) },
  };
}
