// Brings the region root into this process: reads root.sealed and the key file, and says in one sentence why it cannot.
import { readFile } from 'node:fs/promises';
import { openSealedRoot, parseKeyFile, type RegionPlace, type RegionRoot } from '@zonehold/crypto';
import { isKmsError, KmsError } from '@zonehold/primitives';

/** Where the two halves lie. */
export interface RootPaths {
  readonly sealedPath: string;
  readonly keyFilePath: string;
}

/**
 * Opens the root for `place`. Takes about half a second and 128 MiB for a moment (scrypt). Fails with SEALED; the message
 * names the file and what is wrong with it, and never holds any of its content.
 */
export async function openRoot(paths: RootPaths, place: RegionPlace): Promise<RegionRoot> {
  const sealed = await readOrRefuse(paths.sealedPath, 'sealed root');
  const keyFile = await readOrRefuse(paths.keyFilePath, 'key file');
  try {
    const keyFileSecret = parseKeyFile(keyFile.toString('utf8'));
    keyFile.fill(0);
    try {
      return await openSealedRoot({ sealed, keyFileSecret, place });
    } finally {
      keyFileSecret.wipe();
    }
  } catch (error) {
    if (!isKmsError(error, 'SEALED')) throw error;
    throw new KmsError(
      'SEALED',
      `${error.message} (sealed root ${paths.sealedPath}, key file ${paths.keyFilePath})`,
    );
  }
}

async function readOrRefuse(path: string, what: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason =
      code === 'ENOENT' ? 'does not exist' : `cannot be read (${code ?? 'unknown reason'})`;
    throw new KmsError('SEALED', `The ${what} ${path} ${reason}.`);
  }
}
