// Asks crypto-worker's own command for a new region root: the launcher never sees it. Here only: is it there, and whose word counts.
import { spawn } from 'node:child_process';
import { copyFileSync, constants, existsSync } from 'node:fs';
import { refuse } from '../refusal.ts';
import type { RegionPaths } from './region-paths.ts';
import type { RegionRecord } from './region-record.ts';

/**
 * Makes sure that each zone has a sealed copy of the root and that the key file is there. Only a region that is still being formed gets a
 * new root; a formed one without its root or key file is refused, because a new root would open nothing that is stored.
 */
export async function ensureRoot(options: {
  readonly record: RegionRecord;
  readonly paths: RegionPaths;
  readonly keyFilePath: string;
  readonly createRootProgram: string;
}): Promise<void> {
  const { record, paths, keyFilePath, createRootProgram } = options;
  const sealed = record.zones.map(({ zone }) => paths.zone(zone).sealedRoot);
  const missing = sealed.filter((path) => !existsSync(path));
  const hasKeyFile = existsSync(keyFilePath);
  if (missing.length === 0 && hasKeyFile) return;
  const isNew = record.state === 'formatting' && missing.length === sealed.length;
  if (!hasKeyFile && !isNew) {
    return refuse(
      `The key file ${keyFilePath} is missing: without it the root key of region ${record.region} cannot be opened. Restore it (or set XDG_CONFIG_HOME to where it is). Nothing was changed.`,
    );
  }
  if (missing.length === sealed.length && !isNew) {
    return refuse(
      `The sealed root key of region ${record.region} is missing in every zone (${sealed.join(', ')}). Restore one of them from a backup. Nothing was changed.`,
    );
  }
  const present = sealed.find((path) => existsSync(path));
  if (present !== undefined) {
    // A lost disk, or a first start that was cut short. Every zone's copy holds the same root under the same key file.
    for (const path of missing) copyFileSync(present, path, constants.COPYFILE_EXCL);
    return;
  }
  const { code, stderr } = await run(createRootProgram, [
    ...['--cluster-id', record.clusterId, '--region', record.region, '--key-file', keyFilePath],
    ...sealed.flatMap((path) => ['--sealed-root', path]),
  ]);
  if (code !== 0) refuse(stderr.trim() || `Making the region root key failed (exit code ${code}).`);
}

function run(program: string, args: readonly string[]): Promise<{ code: number; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], {
      stdio: ['ignore', 'inherit', 'pipe'],
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, stderr }));
  });
}
