// For tests only: a CryptoClient that really encrypts, in this process, with node:crypto. It is not the crypto-worker: its
// formats are its own. Binding, AAD and versions behave as the real ones do.
import {
  constants,
  createCipheriv,
  createDecipheriv,
  generateKeyPairSync,
  privateDecrypt,
  randomBytes,
  sign,
  type KeyObject,
} from 'node:crypto';
import type { SealedVersion } from '@zonehold/api-contract';
import { KmsError } from '@zonehold/primitives';
import type { CryptoClient } from '../crypto-client.ts';

const rootKey = randomBytes(32);

function encrypt(key: Buffer, plain: Buffer, aad: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(aad));
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64');
}

function decrypt(key: Buffer, text: string, aad: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12))
      .setAAD(Buffer.from(aad))
      .setAuthTag(bytes.subarray(12, 28));
    return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]);
  } catch {
    return undefined;
  }
}

function unseal(key: Buffer, text: string, binding: string): Buffer {
  const plain = decrypt(key, text, binding);
  if (plain === undefined) throw new KmsError('INTEGRITY', 'sealed data do not open');
  return plain;
}

const bindingOf = (instanceId: string, keyId: string, versionId: string): string =>
  JSON.stringify([instanceId, keyId, versionId]);

/** Counts what was asked, and fails calls on demand. */
export class HonestCrypto implements CryptoClient {
  /** Calls by method. */
  readonly calls = new Map<keyof CryptoClient, number>();
  /** Thrown instead of an answer while set. */
  readonly failures = new Map<keyof CryptoClient, KmsError>();
  readonly #privateKeys = new Map<string, KeyObject>();

  countOf(method: keyof CryptoClient): number {
    return this.calls.get(method) ?? 0;
  }

  async regionKeys() {
    this.#enter('regionKeys');
    const key = Buffer.alloc(32, 7).toString('base64');
    return { clusterId: 'c1', integrityKey: key, idKey: key };
  }

  async createInstanceKey({ instanceId }: { instanceId: string }) {
    this.#enter('createInstanceKey');
    return { sealedInstanceKey: encrypt(rootKey, randomBytes(32), instanceId) };
  }

  async sealMaterial(request: Parameters<CryptoClient['sealMaterial']>[0]) {
    this.#enter('sealMaterial');
    const { instanceId, keyId, versionId } = request.binding;
    const instanceKey = unseal(rootKey, request.sealedInstanceKey, instanceId);
    const { material } = request;
    const plain = material === undefined ? randomBytes(32) : Buffer.from(material, 'base64');
    const binding = bindingOf(instanceId, keyId, versionId);
    return { sealedMaterial: encrypt(instanceKey, plain, binding) };
  }

  async revealMaterial(request: Parameters<CryptoClient['revealMaterial']>[0]) {
    this.#enter('revealMaterial');
    const { instanceId, keyId, versionId } = request.binding;
    const version = { versionId, sealedMaterial: request.sealedMaterial };
    const material = this.#material(request.sealedInstanceKey, instanceId, keyId, version);
    return { material: material.toString('base64') };
  }

  async wrap(request: Parameters<CryptoClient['wrap']>[0]) {
    this.#enter('wrap');
    const { sealedInstanceKey, instanceId, keyId, version, plaintext, aad } = request;
    const material = this.#material(sealedInstanceKey, instanceId, keyId, version);
    const dek = plaintext === undefined ? randomBytes(32) : Buffer.from(plaintext, 'base64');
    return {
      ciphertext: encrypt(material, dek, JSON.stringify(aad)),
      ...(plaintext === undefined ? { plaintext: dek.toString('base64') } : {}),
    };
  }

  async unwrap(request: Parameters<CryptoClient['unwrap']>[0]) {
    this.#enter('unwrap');
    const { sealedInstanceKey, instanceId, keyId, versions, ciphertext, aad, mode } = request;
    const materials = versions.map((version) =>
      this.#material(sealedInstanceKey, instanceId, keyId, version),
    );
    const aadText = JSON.stringify(aad);
    for (const [at, material] of materials.entries()) {
      const dek = decrypt(material, ciphertext, aadText);
      if (dek === undefined) continue;
      const isFresh = mode === 'rewrap' || at > 0;
      return {
        ok: true as const,
        versionId: versions[at]!.versionId,
        ...(mode === 'unwrap' ? { plaintext: dek.toString('base64') } : {}),
        ...(isFresh ? { ciphertext: encrypt(materials[0]!, dek, aadText) } : {}),
      };
    }
    return { ok: false as const };
  }

  /** RSA-1024: a pair in 20 ms. */
  async createImportToken(request: Parameters<CryptoClient['createImportToken']>[0]) {
    this.#enter('createImportToken');
    const { instanceId, tokenId } = request.binding;
    const instanceKey = unseal(rootKey, request.sealedInstanceKey, instanceId);
    const { publicKey, privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 1_024,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    const sealedPrivateKey = encrypt(instanceKey, Buffer.from(privateKey), tokenId);
    return { publicKeyPem: publicKey, sealedPrivateKey, nonce: randomBytes(12).toString('base64') };
  }

  async importMaterial(request: Parameters<CryptoClient['importMaterial']>[0]) {
    this.#enter('importMaterial');
    const { binding, sealedInstanceKey, sealedPrivateKey, tokenId, nonce } = request;
    const instanceKey = unseal(rootKey, sealedInstanceKey, binding.instanceId);
    const key = unseal(instanceKey, sealedPrivateKey, tokenId);
    const bytesOf = (text: string): Buffer => Buffer.from(text, 'base64');
    const encrypted = bytesOf(request.encryptedNonce);
    let material: Buffer;
    let found: Buffer;
    try {
      const padding = constants.RSA_PKCS1_OAEP_PADDING;
      material = privateDecrypt({ key, padding, oaepHash: 'sha256' }, bytesOf(request.payload));
      const decipher = createDecipheriv('aes-256-gcm', material, bytesOf(request.iv));
      decipher.setAuthTag(encrypted.subarray(-16));
      found = Buffer.concat([decipher.update(encrypted.subarray(0, -16)), decipher.final()]);
    } catch {
      return { ok: false as const, reason: 'undecipherable' as const };
    }
    if (!found.equals(bytesOf(nonce)))
      return { ok: false as const, reason: 'other-nonce' as const };
    const { instanceId, keyId, versionId } = binding;
    const sealedMaterial = encrypt(instanceKey, material, bindingOf(instanceId, keyId, versionId));
    return { ok: true as const, sealedMaterial };
  }

  async createSigningKey() {
    this.#enter('createSigningKey');
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { x, y } = publicKey.export({ format: 'jwk' });
    const kid = randomBytes(16).toString('hex');
    this.#privateKeys.set(kid, privateKey);
    const publicJwk = { kty: 'EC', crv: 'P-256', x: x!, y: y! };
    return { kid, sealedPrivateKey: `sealed-${kid}`, publicJwk };
  }

  async signToken(request: Parameters<CryptoClient['signToken']>[0]) {
    this.#enter('signToken');
    const { kid, sealedPrivateKey, claims } = request;
    const key = this.#privateKeys.get(kid);
    if (key === undefined || sealedPrivateKey !== `sealed-${kid}`) {
      throw new KmsError('INTEGRITY', 'sealed data do not open');
    }
    const encode = (value: unknown): string =>
      Buffer.from(JSON.stringify(value)).toString('base64url');
    const input = `${encode({ alg: 'ES256', kid })}.${encode(claims)}`;
    const signature = sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
    return { token: `${input}.${signature.toString('base64url')}` };
  }

  #material(
    sealedInstanceKey: string,
    instanceId: string,
    keyId: string,
    version: SealedVersion,
  ): Buffer {
    const { versionId, sealedMaterial } = version;
    const instanceKey = unseal(rootKey, sealedInstanceKey, instanceId);
    return unseal(instanceKey, sealedMaterial, bindingOf(instanceId, keyId, versionId));
  }

  #enter(method: keyof CryptoClient): void {
    this.calls.set(method, this.countOf(method) + 1);
    const failure = this.failures.get(method);
    if (failure !== undefined) throw failure;
  }
}
