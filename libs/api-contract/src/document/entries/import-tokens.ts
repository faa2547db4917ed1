// Document entries: import tokens. Data only.
import type { OperationEntry } from '../entry.ts';

/** Import tokens. */
export const importTokenEntries = {
  postImportToken: {
    summary: 'Make an import token',
    headers: ['X-Kms-Key-Ring'],
    body: {
      schema: 'ImportTokenRequest',
      isRequired: false,
      examples: { 'a token for two imports': { expiration: 1200, maxAllowedRetrievals: 2 } },
    },
    reply: 'ImportToken',
    refusals: [],
  },
  getImportToken: {
    summary: 'Retrieve the import token and its public key',
    headers: ['X-Kms-Key-Ring'],
    reply: 'ImportTokenWithKey',
    refusals: ['IMPORT_TOKEN_EXPIRED_ERR', 'IMPORT_TOKEN_NOT_FOUND_ERR'],
  },
} as const satisfies Readonly<Record<string, OperationEntry>>;
