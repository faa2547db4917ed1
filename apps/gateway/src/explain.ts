// What an answer says of its way, to a client that asks with `Zonehold-Explain: 1` (docs/mesh.md). An extension: the contract's answers
// have none of it.
import type { IncomingMessage } from 'node:http';
import type { Answer } from './answer.ts';
import type { Forwarded } from './forward.ts';

/**
 * The answer, with the gateway's zone, the key-manager's, the attempts and, when all failed, what each met. Whoever has a token may ask:
 * there is nothing of a tenant in it, and zones are no secret. Of requests that no key-manager was asked about nothing is said, so
 * that strangers learn nothing.
 */
export function explained(request: IncomingMessage, forwarded: Forwarded, zone: string): Answer {
  const { answer, attempts, failed } = forwarded;
  if (request.headers['zonehold-explain'] !== '1' || attempts === undefined) return answer;
  const headers = ['Zonehold-Zone', zone, 'Zonehold-Attempts', String(attempts)];
  if (forwarded.zone !== undefined) headers.push('Zonehold-Served-By', forwarded.zone);
  if (failed !== undefined)
    headers.push('Zonehold-Tried', failed.map(({ zone: at, code }) => `${at}=${code}`).join(', '));
  return { ...answer, headers: [...(answer.headers ?? []), ...headers] };
}
