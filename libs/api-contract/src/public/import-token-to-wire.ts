// What a client reads of an import token (reference §10): no envelope, and the key only for who retrieves it.
import type { ImportToken, ImportTokenView } from '@zonehold/key-domain';
import type { ImportTokenBody, RetrievedImportTokenBody } from './reply-bodies.ts';
import { formatTimestamp } from './timestamp.ts';

/** What the making of a token answers: that it is there. */
export function importToken(view: ImportTokenView): ImportTokenBody {
  return {
    maxAllowedRetrievals: view.retrievalsMax,
    creationDate: formatTimestamp(view.createdAtMs),
    expirationDate: formatTimestamp(view.expiresAtMs),
    remainingRetrievals: view.retrievalsLeft,
  };
}

/** What a retrieval answers: `view` as it was after this retrieval, with what the token is made of. */
export function retrievedImportToken(
  view: ImportTokenView,
  { publicKeyPem, nonce }: Pick<ImportToken, 'publicKeyPem' | 'nonce'>,
): RetrievedImportTokenBody {
  return {
    ...importToken(view),
    payload: Buffer.from(publicKeyPem, 'utf8').toString('base64'),
    nonce,
  };
}
