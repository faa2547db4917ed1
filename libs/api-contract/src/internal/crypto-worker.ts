// What a key-manager says to a crypto-worker. Sealed material goes in, and only what the client asked for comes out.
// All binary fields are standard base64. Failures are frame errors: INTEGRITY (sealed data refused), SEALED (no root).

/** Frame methods a crypto-worker serves; only key-managers of its region may call them (and anyone may ask health). */
export const cryptoWorkerMethods = {
  regionKeys: 'crypto-worker.regionKeys',
  createInstanceKey: 'crypto-worker.createInstanceKey',
  sealMaterial: 'crypto-worker.sealMaterial',
  revealMaterial: 'crypto-worker.revealMaterial',
  wrap: 'crypto-worker.wrap',
  unwrap: 'crypto-worker.unwrap',
  createImportToken: 'crypto-worker.createImportToken',
  importMaterial: 'crypto-worker.importMaterial',
  forgetMaterial: 'crypto-worker.forgetMaterial',
  createSigningKey: 'crypto-worker.createSigningKey',
  signToken: 'crypto-worker.signToken',
  health: 'health',
} as const;

/**
 * `regionKeys`: keys a key-manager needs in the clear: `integrityKey` (HMAC over register values) and `idKey` (HMAC that
 * derives key ids). Both by HKDF from the region root, so every zone gets the same and nothing is stored.
 */
export interface RegionKeysReply {
  readonly clusterId: string;
  readonly integrityKey: string;
  readonly idKey: string;
}

/** `createInstanceKey`: a fresh instance key, sealed under the region root and bound to the instance. */
export interface CreateInstanceKeyRequest {
  readonly instanceId: string;
}
export interface CreateInstanceKeyReply {
  readonly sealedInstanceKey: string;
}

/** What a sealed version is bound to besides the region: any other place it is put, it does not open. */
export interface MaterialBinding {
  readonly instanceId: string;
  readonly keyId: string;
  readonly versionId: string;
}

/** `sealMaterial`: generate 32 bytes, or take the imported ones (`material`, base64), and seal them under the instance key. */
export interface SealMaterialRequest {
  readonly sealedInstanceKey: string;
  readonly binding: MaterialBinding;
  readonly material?: string;
}
export interface SealMaterialReply {
  readonly sealedMaterial: string;
}

/** `revealMaterial`: the payload of a standard key. */
export interface RevealMaterialRequest {
  readonly sealedInstanceKey: string;
  readonly binding: MaterialBinding;
  readonly sealedMaterial: string;
}
export interface RevealMaterialReply {
  readonly material: string;
}

/** What a sealed transport key is bound to besides the region. */
export interface ImportTokenBinding {
  readonly instanceId: string;
  readonly tokenId: string;
}

/** `createImportToken`: an RSA-4096 key pair, the private half sealed under the instance key, and 12 random bytes. */
export interface CreateImportTokenRequest {
  readonly sealedInstanceKey: string;
  readonly binding: ImportTokenBinding;
}
export interface CreateImportTokenReply {
  readonly publicKeyPem: string;
  readonly sealedPrivateKey: string;
  readonly nonce: string;
}

/**
 * `importMaterial`: opens a root key's material that was encrypted for an import token (reference §10.3), and seals it under the
 * instance key for `binding`.
 */
export interface ImportMaterialRequest {
  readonly sealedInstanceKey: string;
  readonly binding: MaterialBinding;
  readonly tokenId: string;
  readonly sealedPrivateKey: string;
  /** The token's. */
  readonly nonce: string;
  readonly payload: string;
  readonly encryptedNonce: string;
  readonly iv: string;
}
/**
 * Material that does not fit is an answer, not a failure. `undecipherable`: no material of a root key's size comes out of the payload,
 * or the nonce does not open with it; which of them is not said. `other-nonce`: it opens, and is not the token's.
 */
export type ImportMaterialReply =
  | { readonly ok: true; readonly sealedMaterial: string }
  | { readonly ok: false; readonly reason: 'undecipherable' | 'other-nonce' };

export interface SealedVersion {
  readonly versionId: string;
  readonly sealedMaterial: string;
}

/** `wrap`: without `plaintext` a 32-byte DEK is generated and returned. */
export interface WrapRequest {
  readonly sealedInstanceKey: string;
  readonly instanceId: string;
  readonly keyId: string;
  readonly version: SealedVersion;
  readonly plaintext?: string;
  readonly aad: readonly string[];
}
export interface WrapReply {
  readonly ciphertext: string;
  readonly plaintext?: string;
}

/** `unwrap`: `versions` newest first. `mode` rewrap gives no plaintext and always a fresh ciphertext of the newest. */
export interface UnwrapRequest {
  readonly sealedInstanceKey: string;
  readonly instanceId: string;
  readonly keyId: string;
  readonly versions: readonly SealedVersion[];
  readonly ciphertext: string;
  readonly aad: readonly string[];
  readonly mode: 'unwrap' | 'rewrap';
}
/** Undecipherable input is an answer, not a failure: `ok: false` and no reason. */
export type UnwrapReply =
  | {
      readonly ok: true;
      readonly versionId: string;
      readonly plaintext?: string;
      /** Present when the input's version was not the newest, and always for rewrap. */
      readonly ciphertext?: string;
    }
  | { readonly ok: false };

/** Keys of one `forgetMaterial` call, at most. */
export const forgottenKeysMax = 100;

/**
 * `forgetMaterial`: drops whatever is kept of these keys, in this one process. Also served by key-managers (sealed records).
 * The answer means that nothing is kept any more; a process that started since has kept nothing.
 */
export interface ForgetMaterialRequest {
  /** Without `keyId`: the instance's own key, and all that was opened with it. */
  readonly keys: readonly { readonly instanceId: string; readonly keyId?: string }[];
}
export interface ForgetMaterialReply {
  /** How many entries were dropped. */
  readonly dropped: number;
}

/** `createSigningKey`: an ES256 key pair; the private half sealed under the region root, bound to `kid`. */
export interface CreateSigningKeyReply {
  readonly kid: string;
  readonly sealedPrivateKey: string;
  readonly publicJwk: {
    readonly kty: string;
    readonly crv: string;
    readonly x: string;
    readonly y: string;
  };
}

/** `signToken`: a compact JWS with alg ES256 and the kid in its header, over `claims`. */
export interface SignTokenRequest {
  readonly kid: string;
  readonly sealedPrivateKey: string;
  readonly claims: Readonly<Record<string, unknown>>;
}
export interface SignTokenReply {
  readonly token: string;
}
