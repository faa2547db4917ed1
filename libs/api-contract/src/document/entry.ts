// The shape of one operation's entry in the document: what the operation table does not say. No entries here.
import type { ReasonCode } from '../public/errors.ts';
import type { Queries } from '../public/query-schemas.ts';
import type { ReplySchemaName } from './reply-schemas.ts';
import type { RequestSchemaName } from './request-schemas.ts';

/** Headers that only some operations give a meaning. */
export type OptionalHeader = 'X-Kms-Key-Ring' | 'Prefer' | 'If-Match';

/** Headers of an answer that only some operations give. */
export type ReplyHeader = 'Key-Total' | 'ETag';

/** The body of a request. */
export interface BodyEntry {
  readonly schema: RequestSchemaName;
  readonly isRequired: boolean;
  /** At least one. Tests send them: each must be a request that is served. */
  readonly examples: Readonly<Record<string, unknown>>;
}

/** One operation. Method, path, statuses, rights and failures that all operations share come from the table. */
export interface OperationEntry {
  readonly summary: string;
  readonly description?: string;
  readonly queries?: Queries;
  readonly headers?: readonly OptionalHeader[];
  readonly body?: BodyEntry;
  /** What a success shows; absent: nothing. */
  readonly reply?: ReplySchemaName;
  /** Successes besides those of the table. */
  readonly moreStatuses?: readonly number[];
  readonly replyHeaders?: readonly ReplyHeader[];
  /** The reasons that are this operation's own; `sharedRefusals` has the others. */
  readonly refusals: readonly ReasonCode[];
  /** An example of each parameter of the path, if it is another than usual. */
  readonly pathExamples?: Readonly<Record<string, string>>;
}
