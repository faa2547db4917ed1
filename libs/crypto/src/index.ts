export {
  derivationLabels,
  envelopeFormat,
  generatedKeyBytes,
  importTransport,
  rootMaterialBytes,
  rootScrypt,
  sealedFormat,
  xaes256Gcm,
  type AeadAlgorithm,
} from './algorithms.ts';
export { encodeStrings } from './aad.ts';
export {
  envelopeOverheadBytes,
  unwrap,
  unwrapWith,
  wrap,
  wrappingKey,
  type UnwrapVerdict,
  type WrappingKey,
} from './envelope.ts';
export {
  createImportKeyPair,
  openImported,
  type ImportedMaterial,
  type ImportKeyPair,
  type ImportVerdict,
} from './import-key.ts';
export { RandomPool } from './random-pool.ts';
export { RegionRoot, type RegionKeyUse } from './region-root.ts';
export {
  createKeyFile,
  createRootKey,
  createSealedRoot,
  openSealedRoot,
  parseKeyFile,
} from './sealed-root.ts';
export { open, seal, sealingKey, type RegionPlace, type SealBinding } from './sealing.ts';
export { SecretBytes } from './secret-bytes.ts';
export { Xaes256Gcm } from './xaes-256-gcm.ts';
