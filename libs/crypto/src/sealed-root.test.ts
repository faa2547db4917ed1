// The sealed root file. scrypt at N = 2^17 takes half a second, so tests that need it share one file.
import { systemRandom as random } from '@zonehold/primitives';
import { beforeAll, describe, expect, it } from 'vitest';
import { secretAccess } from './access.ts';
import type { RegionRoot } from './region-root.ts';
import {
  createKeyFile,
  createRootKey,
  createSealedRoot,
  openSealedRoot,
  parseKeyFile,
} from './sealed-root.ts';
import { SecretBytes } from './secret-bytes.ts';

const place = { clusterId: 'c1', region: 'us-south' };
const keyFile = createKeyFile(random);
const rootKey = createRootKey(random);
let sealed: Buffer;

const idKeyOf = (root: RegionRoot): string =>
  Buffer.from(root.regionKey('keyId').read(secretAccess)).toString('hex');
const openWith = (bytes: Uint8Array, key = keyFile, where = place): Promise<RegionRoot> =>
  openSealedRoot({ sealed: bytes, keyFileSecret: parseKeyFile(key), place: where });

beforeAll(async () => {
  sealed = await createSealedRoot({ rootKey, keyFileSecret: parseKeyFile(keyFile), place, random });
}, 60_000);

describe('the sealed root', { timeout: 60_000 }, () => {
  it('opens with its key file, to the same root in every zone though the files differ', async () => {
    const other = await createSealedRoot({
      rootKey,
      keyFileSecret: parseKeyFile(keyFile),
      place,
      random,
    });
    expect(other.equals(sealed)).toBe(false);
    const [left, right] = await Promise.all([openWith(sealed), openWith(other)]);
    expect(idKeyOf(left)).toBe(idKeyOf(right));
  });

  it('does not hold the root in the clear', () => {
    expect(sealed.includes(Buffer.from(rootKey.read(secretAccess)))).toBe(false);
  });

  it('says one clear sentence for a wrong key file', async () => {
    await expect(openWith(sealed, createKeyFile(random))).rejects.toMatchObject({
      code: 'SEALED',
      message: 'The key file does not open the sealed root: wrong key, or a damaged file.',
    });
  });

  it('names both places when it belongs elsewhere, before any costly work', async () => {
    await expect(openWith(sealed, keyFile, { ...place, region: 'eu-de' })).rejects.toMatchObject({
      code: 'SEALED',
      message:
        'The sealed root belongs to cluster "c1" in region "us-south", not to "c1" in "eu-de".',
    });
    await expect(openWith(sealed, keyFile, { ...place, clusterId: 'c2' })).rejects.toMatchObject({
      code: 'SEALED',
    });
  });

  it('does not open with a changed byte in the salt, nonce, ciphertext or tag', async () => {
    const headerEnd = sealed.byteLength - 72;
    for (const index of [11, 42, headerEnd, headerEnd + 24, sealed.byteLength - 1]) {
      const changed = Buffer.from(sealed);
      changed[index]! ^= 1;
      await expect(openWith(changed), `byte ${index}`).rejects.toMatchObject({ code: 'SEALED' });
    }
  });

  it('refuses a rewritten region even from who expects that region', async () => {
    const text = Buffer.from('us-south');
    const changed = Buffer.from(sealed);
    changed.set(Buffer.from('eu-south'), changed.indexOf(text));
    await expect(
      openWith(changed, keyFile, { ...place, region: 'eu-south' }),
    ).rejects.toMatchObject({ code: 'SEALED' });
  });

  it('refuses other formats, costs and lengths without spending memory on them', async () => {
    for (const index of [0, 7, 8, 9, 10, 43, 46]) {
      const changed = Buffer.from(sealed);
      changed[index]! += 1;
      await expect(openWith(changed), `byte ${index}`).rejects.toMatchObject({ code: 'SEALED' });
    }
    for (let length = 0; length < sealed.byteLength; length += 1) {
      await expect(openWith(sealed.subarray(0, length)), `length ${length}`).rejects.toMatchObject({
        code: 'SEALED',
      });
    }
    await expect(openWith(Buffer.concat([sealed, Buffer.alloc(1)]))).rejects.toMatchObject({
      code: 'SEALED',
    });
  });
});

describe('the key file', () => {
  it('is one line of text and reads back, with or without the newline', () => {
    expect(keyFile).toMatch(/^zonehold-key-v1 [A-Za-z0-9+/]{43}=\n$/);
    const secret = (text: string): Uint8Array => parseKeyFile(text).read(secretAccess);
    expect(secret(keyFile)).toEqual(secret(keyFile.trimEnd()));
  });

  it('is refused when it is anything else', () => {
    const others = [
      '',
      'zonehold-key-v1 ',
      `${keyFile}x`,
      keyFile.replace('v1', 'v2'),
      keyFile.replace('=', ''),
      'zonehold-key-v1 AAAA\n',
    ];
    for (const text of others)
      expect(() => parseKeyFile(text), JSON.stringify(text)).toThrow('not a Zonehold key file');
  });

  it('gives a secret that does not print', () => {
    expect(JSON.stringify(parseKeyFile(keyFile))).toBe('"[redacted]"');
    expect(parseKeyFile(keyFile)).toBeInstanceOf(SecretBytes);
  });
});
