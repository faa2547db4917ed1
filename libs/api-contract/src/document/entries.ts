// Every operation's entry, by name. The compiler wants one for each operation of the table.
import type { OperationName } from '../public/operations.ts';
import { importTokenEntries } from './entries/import-tokens.ts';
import { keyActionEntries } from './entries/key-actions.ts';
import { keyEntries } from './entries/keys.ts';
import { kmipEntries } from './entries/kmip.ts';
import { namingEntries, policyEntries } from './entries/organising.ts';
import { registrationEntries } from './entries/registrations.ts';
import type { OperationEntry } from './entry.ts';

/** What the document says of each operation. */
export const operationEntries: Readonly<Record<OperationName, OperationEntry>> = {
  ...keyEntries,
  ...keyActionEntries,
  ...policyEntries,
  ...namingEntries,
  ...importTokenEntries,
  ...registrationEntries,
  ...kmipEntries,
};
