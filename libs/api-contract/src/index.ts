export * from './internal/crypto-worker.ts';
export * from './internal/health.ts';
export * from './internal/key-manager.ts';
export * from './internal/seed.ts';
export * from './internal/token-claims.ts';
export * from './public/errors.ts';
export * from './public/operations.ts';
export * from './public/canonical.ts';
export { openApiDocument, type OpenApiDocument } from './document/document.ts';
export { keyPage, type KeyPageFindings } from './public/key-page-to-wire.ts';
export {
  parseOperation,
  type OperationInput,
  type ParsedOperation,
} from './public/parse-operation.ts';
export type { RawQuery } from './public/parse-queries.ts';
export { importToken, retrievedImportToken } from './public/import-token-to-wire.ts';
export {
  allowedIpPortCollection,
  instancePolicyCollection,
  keyPolicyCollection,
} from './public/policies-to-wire.ts';
export { etagOf, parseIfMatch } from './public/etag.ts';
export { registrationBody, registrationCollection } from './public/registrations-to-wire.ts';
export * from './public/reply-bodies.ts';
export { formatTimestamp, parseTimestamp } from './public/timestamp.ts';
export {
  aliasCollection,
  fullKey,
  instanceCrn,
  keyCollection,
  keyCrn,
  keyRingCollection,
  keyWithPayload,
  rewrapReply,
  terseKey,
  unwrapReply,
  versionCollection,
  wrapReply,
  type WireContext,
} from './public/to-wire.ts';
