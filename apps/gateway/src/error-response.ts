// Refusals as answers in the contract's shape. It chooses no code: others do.
import { errorBody, errorTable, statusOf, type ApiRefusal } from '@zonehold/api-contract';
import type { Answer } from './answer.ts';

/** What failed, where no operation is known yet. */
export const requestPhrase = 'Request could not be processed';

/** RFC 6750 §3: every 401 says how to authenticate (reference §1.10). */
const bearerChallenge = ['WWW-Authenticate', 'Bearer realm="zonehold"'] as const;

/**
 * A refusal in the contract's envelope, with the headers its status calls for. `phrase` says what failed; `waitS` when to come
 * again, where that is known better than the table knows it.
 */
export function refusalAnswer(
  refusal: ApiRefusal,
  phrase: string = requestPhrase,
  waitS?: number,
): Answer {
  const status = statusOf(refusal);
  const retryAfterS = waitS ?? errorTable[refusal.code].retryAfterS;
  const headers: string[] = [];
  if (status === 401) headers.push(...bearerChallenge);
  if (retryAfterS !== undefined) headers.push('Retry-After', String(retryAfterS));
  if (refusal.code === 'OUTCOME_UNKNOWN_ERR') headers.push('Zonehold-Outcome', 'unknown');
  return { status, body: JSON.stringify(errorBody(refusal, phrase)), headers };
}
