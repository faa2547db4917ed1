// Headers of requests and answers, as the document describes them.
import type { OptionalHeader, ReplyHeader } from './entry.ts';

/** One header parameter. */
interface HeaderParameter {
  readonly name: string;
  readonly in: 'header';
  readonly required: boolean;
  readonly description: string;
  readonly schema: Readonly<Record<string, unknown>>;
  readonly example: string;
}

/** On every request of the contract, besides the token of the security scheme. */
export const sharedHeaders = {
  'Bluemix-Instance': {
    name: 'Bluemix-Instance',
    in: 'header',
    required: true,
    description: 'The id of the instance that the request is about.',
    schema: {
      type: 'string',
      pattern: '^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$',
    },
    example: '7c5a2a41-6f0d-4f6e-9d3b-4f1e6a0c2b11',
  },
  'Correlation-Id': {
    name: 'Correlation-Id',
    in: 'header',
    required: false,
    description:
      'An id to find the request by in logs; the answer carries it. A change that is sent again with the same id is applied once.',
    schema: { type: 'string', pattern: '^[A-Za-z0-9._:-]{1,128}$' },
    example: 'b6a3f9f0-5c1d-4e0e-8d55-5a0f6b1c7e21',
  },
  'Idempotency-Key': {
    name: 'Idempotency-Key',
    in: 'header',
    required: false,
    description:
      'A change that is sent again with the same key is applied once and answered the same.',
    schema: { type: 'string', pattern: '^[!-~]{1,64}$' },
    example: 'order-4711',
  },
} as const satisfies Readonly<Record<string, HeaderParameter>>;

/** On requests of operations that give them a meaning. */
export const optionalHeaders: Readonly<Record<OptionalHeader, HeaderParameter>> = {
  'X-Kms-Key-Ring': {
    name: 'X-Kms-Key-Ring',
    in: 'header',
    required: false,
    description: 'The ring of the key or keys. A key that lies in another ring is not found.',
    schema: { type: 'string', pattern: '^[!-~]{1,100}$' },
    example: 'default',
  },
  Prefer: {
    name: 'Prefer',
    in: 'header',
    required: false,
    description: 'Whether the answer shows the whole resource.',
    schema: { type: 'string', enum: ['return=minimal', 'return=representation'] },
    example: 'return=minimal',
  },
  'If-Match': {
    name: 'If-Match',
    in: 'header',
    required: false,
    description: 'Changes the resource only if its ETag is one of these.',
    schema: { type: 'string' },
    example: 'W/"1"',
  },
};

/** Headers of answers. */
export const replyHeaders = {
  'Correlation-Id': {
    description: 'The id of the request, or one that was made for it.',
    schema: { type: 'string' },
  },
  'Retry-After': {
    description: 'Seconds to wait before the request is sent again.',
    schema: { type: 'integer', minimum: 0 },
  },
  'WWW-Authenticate': { description: 'How to authenticate.', schema: { type: 'string' } },
  'Key-Total': {
    description: 'How many keys there are.',
    schema: { type: 'integer', minimum: 0 },
  },
  ETag: { description: 'Which state of the resource is shown.', schema: { type: 'string' } },
} as const satisfies Readonly<Record<ReplyHeader, object>> & Readonly<Record<string, object>>;
