// The root on disk, made by the command and opened by the worker: real files, real scrypt.
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { secretAccess } from '@zonehold/crypto/access';
import { createKeyFile } from '@zonehold/crypto';
import { systemRandom } from '@zonehold/primitives';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRoot } from './create-root.ts';
import { openRoot } from './root-of-trust.ts';

const place = { clusterId: 'c1', region: 'us-south' };
let folder: string;
let keyFilePath: string;
let sealedPaths: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zonehold-root-'));
  keyFilePath = join(folder, 'config', 'c1.key');
  sealedPaths = ['z1', 'z2'].map((zone) => join(folder, zone, 'root.sealed'));
  expect(await createRoot({ ...place, keyFilePath, sealedPaths }, systemRandom)).toBeUndefined();
}, 60_000);
afterAll(() => rm(folder, { recursive: true }));

const idKey = async (sealedPath: string): Promise<string> => {
  const root = await openRoot({ sealedPath, keyFilePath }, place);
  return Buffer.from(root.regionKey('keyId').read(secretAccess)).toString('hex');
};

describe('the root of trust', { timeout: 60_000 }, () => {
  it('opens in every zone to the same region', async () => {
    expect(await idKey(sealedPaths[0]!)).toBe(await idKey(sealedPaths[1]!));
  });

  it('lies in files that only their owner may read', async () => {
    for (const path of [keyFilePath, ...sealedPaths])
      expect((await stat(path)).mode & 0o777, path).toBe(0o600);
  });

  it('is never made a second time over an existing one', async () => {
    const before = await readFile(sealedPaths[0]!);
    const refusal = await createRoot(
      { ...place, keyFilePath, sealedPaths: [join(folder, 'z3', 'r'), ...sealedPaths] },
      systemRandom,
    );
    expect(refusal).toContain('There is a root already');
    expect(await readFile(sealedPaths[0]!)).toEqual(before);
  });

  it('says in one sentence which file is missing', async () => {
    const missing = join(folder, 'nowhere');
    await expect(openRoot({ sealedPath: missing, keyFilePath }, place)).rejects.toMatchObject({
      code: 'SEALED',
      message: `The sealed root ${missing} does not exist.`,
    });
    await expect(
      openRoot({ sealedPath: sealedPaths[0]!, keyFilePath: missing }, place),
    ).rejects.toMatchObject({
      code: 'SEALED',
      message: `The key file ${missing} does not exist.`,
    });
  });

  it('says in one sentence that the key is wrong, without showing any of it', async () => {
    const wrong = join(folder, 'wrong.key');
    const text = createKeyFile(systemRandom);
    await writeFile(wrong, text);
    const error: unknown = await openRoot(
      { sealedPath: sealedPaths[0]!, keyFilePath: wrong },
      place,
    ).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'SEALED' });
    expect((error as Error).message).toContain('does not open the sealed root');
    expect((error as Error).message).not.toContain(text.slice(16, 40));
  });

  it('refuses a key file that is something else', async () => {
    const other = join(folder, 'other.key');
    await writeFile(other, 'hello\n');
    await expect(
      openRoot({ sealedPath: sealedPaths[0]!, keyFilePath: other }, place),
    ).rejects.toMatchObject({ code: 'SEALED' });
    const refusal = await createRoot(
      { ...place, keyFilePath: other, sealedPaths: [join(folder, 'z4', 'r')] },
      systemRandom,
    );
    expect(refusal).toContain('not a Zonehold key file');
  });
});
