export * from './internal/crypto-worker.ts';
export * from './internal/health.ts';
export * from './internal/key-manager.ts';
export * from './internal/token-claims.ts';
export * from './public/errors.ts';
export * from './public/operations.ts';
