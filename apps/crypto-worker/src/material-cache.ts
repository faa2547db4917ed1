// Opened keys of the hierarchy, kept while they are hot, so that a hot wrap costs only the wrap. Bounded by count, least
// recently used out first. It decides no permission: whether a key may be used now is asked by the key-manager every time.
import {
  open,
  rootMaterialBytes,
  sealingKey,
  wrappingKey,
  type RegionRoot,
  type WrappingKey,
  type Xaes256Gcm,
} from '@zonehold/crypto';
import type { MaterialBinding } from '@zonehold/api-contract';
import { fromBase64, KmsError } from '@zonehold/primitives';

/** A Map that forgets its least recently used entries. Keys are sealed texts: they hold no plaintext. */
export class BoundedCache<Value> {
  readonly #entries = new Map<string, Value>();
  readonly #countMax: number;

  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The value, which becomes the most recently used. */
  get(key: string): Value | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  set(key: string, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#countMax) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      return;
    }
  }

  /** Drops every entry that `isMeant`, and says how many. Looks at all of them: not for the path of a request. */
  drop(isMeant: (value: Value) => boolean): number {
    let dropped = 0;
    for (const [key, value] of this.#entries) {
      if (!isMeant(value)) continue;
      this.#entries.delete(key);
      dropped += 1;
    }
    return dropped;
  }
}

/** An opened instance key takes about 3 KiB; a worker serves far fewer instances than this at a time. */
export const instanceKeysMax = 1_000;
/** About 4 KiB each, 40 MiB when full; a miss costs some 50 µs, so the bound is felt softly. */
export const wrappingKeysMax = 10_000;

interface OpenInstanceKey {
  readonly instanceId: string;
  readonly key: Xaes256Gcm;
}
interface OpenWrappingKey {
  readonly sealedInstanceKey: string;
  readonly binding: MaterialBinding;
  readonly key: WrappingKey;
}

/** Opens sealed keys and materials, and remembers the opened ones. An entry serves only the exact binding it was opened for. */
export class OpenedKeys {
  readonly #root: RegionRoot;
  readonly #instanceKeys = new BoundedCache<OpenInstanceKey>(instanceKeysMax);
  readonly #wrappingKeys = new BoundedCache<OpenWrappingKey>(wrappingKeysMax);

  constructor(root: RegionRoot) {
    this.#root = root;
  }

  /** The cipher that seals this instance's materials. Fails with INTEGRITY when the sealed key is not this instance's. */
  instanceKey(instanceId: string, sealedInstanceKey: string): Xaes256Gcm {
    const known = this.#instanceKeys.get(sealedInstanceKey);
    if (known?.instanceId === instanceId) return known.key;
    const sealed = fromBase64(sealedInstanceKey);
    const binding = { purpose: 'instance-key', instanceId } as const;
    const secret =
      sealed === undefined
        ? undefined
        : open(this.#root.sealingKey, this.#root.place, binding, sealed);
    if (secret === undefined)
      throw new KmsError('INTEGRITY', 'The sealed instance key does not open in this place.');
    const key = sealingKey(secret);
    this.#instanceKeys.set(sealedInstanceKey, { instanceId, key });
    return key;
  }

  /**
   * The wrapping key of one version. Fails with INTEGRITY when anything sealed does not belong here, with INVALID_ARGUMENT
   * when the material is of a size that cannot wrap (a standard key's).
   */
  wrappingKey(
    sealedInstanceKey: string,
    binding: MaterialBinding,
    sealedMaterial: string,
  ): WrappingKey {
    const known = this.#wrappingKeys.get(sealedMaterial);
    if (known?.sealedInstanceKey === sealedInstanceKey && isSameBinding(known.binding, binding))
      return known.key;
    const material = openMaterial(
      this.#root,
      this.instanceKey(binding.instanceId, sealedInstanceKey),
      binding,
      sealedMaterial,
    );
    if (!rootMaterialBytes.includes(material.byteLength)) {
      material.wipe();
      throw new KmsError('INVALID_ARGUMENT', 'The material of this key has no size that can wrap.');
    }
    const key = wrappingKey(material);
    const { instanceId, keyId, versionId } = binding;
    this.#wrappingKeys.set(sealedMaterial, {
      sealedInstanceKey,
      binding: { instanceId, keyId, versionId },
      key,
    });
    return key;
  }

  /**
   * Drops the wrapping keys of all versions of `keys`, and of an instance without `keyId` its own key and everything opened with it;
   * says how many. What they were made of, V8 may have copied: it goes
   * when the garbage collector reuses its memory, or with the process.
   */
  forget(keys: readonly { readonly instanceId: string; readonly keyId?: string }[]): number {
    const meant = new Set(
      keys.map(({ instanceId, keyId }) =>
        keyId === undefined ? instanceId : `${instanceId}/${keyId}`,
      ),
    );
    const dropped = this.#wrappingKeys.drop(
      ({ binding: { instanceId, keyId } }) =>
        meant.has(instanceId) || meant.has(`${instanceId}/${keyId}`),
    );
    return dropped + this.#instanceKeys.drop(({ instanceId }) => meant.has(instanceId));
  }
}

/** Opens one sealed material, without remembering it. Fails with INTEGRITY. */
export function openMaterial(
  root: RegionRoot,
  instanceKey: Xaes256Gcm,
  binding: MaterialBinding,
  sealedMaterial: string,
): NonNullable<ReturnType<typeof open>> {
  const { instanceId, keyId, versionId } = binding;
  const sealed = fromBase64(sealedMaterial);
  const material =
    sealed === undefined
      ? undefined
      : open(
          instanceKey,
          root.place,
          { purpose: 'key-material', instanceId, keyId, versionId },
          sealed,
        );
  if (material === undefined)
    throw new KmsError('INTEGRITY', 'The sealed material does not open in this place.');
  return material;
}

function isSameBinding(left: MaterialBinding, right: MaterialBinding): boolean {
  return (
    left.versionId === right.versionId &&
    left.keyId === right.keyId &&
    left.instanceId === right.instanceId
  );
}
