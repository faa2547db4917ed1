// A command, not a service: makes a region's root key once, and one sealed copy per zone. It overwrites nothing, ever.
//
//   node create-root.ts --cluster-id c1 --region us-south --key-file ~/.config/zonehold/c1.key \
//     --sealed-root zones/us-south-1/root.sealed --sealed-root zones/us-south-2/root.sealed …
import { existsSync } from 'node:fs';
import { link, mkdir, open, readFile, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import {
  createKeyFile,
  createRootKey,
  createSealedRoot,
  parseKeyFile,
  type SecretBytes,
} from '@zonehold/crypto';
import { isKmsError, systemRandom, type Random } from '@zonehold/primitives';

/** What is to be made, and where. */
export interface RootRequest {
  readonly clusterId: string;
  readonly region: string;
  readonly keyFilePath: string;
  readonly sealedPaths: readonly string[];
}

/**
 * Makes the root and seals it for every path. An existing key file is used as it is (an earlier run may have stopped after
 * making it); an existing sealed root is a refusal, because a second root would orphan every key. Files are 0600, their
 * folders 0700, both synced to disk. Returns a sentence when refused.
 */
export async function createRoot(
  request: RootRequest,
  random: Random,
): Promise<string | undefined> {
  const taken = request.sealedPaths.find((path) => existsSync(path));
  if (taken !== undefined) return `There is a root already: ${taken}. Nothing was changed.`;
  const keyFileSecret = await readOrCreateKeyFile(request.keyFilePath, random);
  if (typeof keyFileSecret === 'string') return keyFileSecret;
  const rootKey = createRootKey(random);
  try {
    const place = { clusterId: request.clusterId, region: request.region };
    // One after the other: each takes 128 MiB for half a second.
    for (const path of request.sealedPaths) {
      await writeNew(path, await createSealedRoot({ rootKey, keyFileSecret, place, random }));
    }
    return undefined;
  } finally {
    rootKey.wipe();
    keyFileSecret.wipe();
  }
}

async function readOrCreateKeyFile(path: string, random: Random): Promise<SecretBytes | string> {
  if (!existsSync(path)) await writeNew(path, createKeyFile(random));
  try {
    return parseKeyFile(await readFile(path, 'utf8'));
  } catch (error) {
    if (isKmsError(error, 'SEALED')) return `${error.message} (${path})`;
    throw error;
  }
}

/**
 * Fails when the file exists. It appears whole or not at all, synced with its folder: half a sealed root would be copied
 * to the other zones by whoever repairs them, and a key lost to a power cut orphans what it sealed.
 */
async function writeNew(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}.draft`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
    // Unlike rename, link refuses to replace.
    await link(draft, path);
  } finally {
    await file.close();
    await unlink(draft);
  }
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function main(): Promise<string | undefined> {
  const { values } = parseArgs({
    options: {
      'cluster-id': { type: 'string' },
      region: { type: 'string' },
      'key-file': { type: 'string' },
      'sealed-root': { type: 'string', multiple: true },
    },
  });
  const {
    'cluster-id': clusterId,
    region,
    'key-file': keyFilePath,
    'sealed-root': sealedPaths,
  } = values;
  if (
    clusterId === undefined ||
    region === undefined ||
    keyFilePath === undefined ||
    sealedPaths === undefined
  ) {
    return 'Needed: --cluster-id, --region, --key-file, and --sealed-root once per zone.';
  }
  return createRoot({ clusterId, region, keyFilePath, sealedPaths }, systemRandom);
}

if (import.meta.main) {
  const problem = await main().catch((error: unknown) =>
    error instanceof Error ? error.message : 'failed',
  );
  if (problem !== undefined) {
    process.stderr.write(`${problem}\n`);
    process.exitCode = 1;
  }
}
