// What is new in a scope's list by the word of one voter, page by page, with nothing kept here. For who looks for work in long
// lists now and then: the word of one voter may be old, or a lie, so what is found is looked up before anything is done.
import { KmsError } from '@zonehold/primitives';
import type { AcceptorPort, ListChange } from './acceptor-port.ts';
import type { StoreLimits } from './limits.ts';
import type { Membership } from './membership.ts';
import { isRegisterId } from './register-id.ts';

/** How far one voter's change log has been read. It is of one incarnation of one acceptor, and of one store. */
export interface ListMark {
  readonly voter: object;
  readonly throughSeq: number;
}

export interface ListNews {
  readonly changes: readonly ListChange[];
  readonly mark: ListMark;
  /** The voter had nothing more when it was asked. */
  readonly isComplete: boolean;
  /** Counted from the beginning: no mark was given, or it was of an acceptor that votes no more, or of its future. */
  readonly isFromStart: boolean;
}

/** UNAVAILABLE when the zone has no voter that answers; another one may. */
export async function listNews(
  membership: Membership,
  limits: StoreLimits,
  question: { readonly scope: string; readonly zone: string; readonly since?: ListMark },
): Promise<ListNews> {
  const { scope, zone, since } = question;
  const { voters, stamp } = membership.electorate();
  const port = voters.find((voter) => voter?.zone === zone);
  if (port === undefined) throw new KmsError('UNAVAILABLE', 'the zone has no voter');
  const known = since?.voter === port ? since.throughSeq : 0;
  const news = await page(membership, limits, port, { scope, stamp, sinceSeq: known });
  // Its sequence went back: its port finds that out for itself, and until then nothing it said before counts.
  if (news.mark.throughSeq >= known) return { ...news, isFromStart: known === 0 };
  const again = await page(membership, limits, port, { scope, stamp, sinceSeq: 0 });
  return { ...again, isFromStart: true };
}

async function page(
  membership: Membership,
  { listChangesMax, phaseTimeoutMs }: StoreLimits,
  port: AcceptorPort,
  question: { readonly scope: string; readonly stamp: string; readonly sinceSeq: number },
): Promise<Omit<ListNews, 'isFromStart'>> {
  const request = { ...question, changesMax: listChangesMax };
  const reply = await port.list(request, phaseTimeoutMs);
  if (reply.kind === 'refused') membership.learnFrom(reply, port.zone);
  if (reply.kind !== 'list') throw new KmsError('UNAVAILABLE', 'the voter did not answer');
  const { changes, throughSeq, isComplete } = reply;
  // Without progress a walk would go on for ever.
  if (!isComplete && throughSeq === question.sinceSeq) {
    throw new KmsError('UNAVAILABLE', 'a page without progress');
  }
  return {
    changes: changes.filter(({ name }) => isRegisterId({ scope: question.scope, name })),
    mark: { voter: port, throughSeq },
    isComplete,
  };
}
