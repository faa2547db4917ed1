// The Lua of the acceptor, read once. The only file that knows where the scripts lie; what they mean is in each of them.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A script's text and the name Redis gives it (SHA-1, fixed by Redis; not a safety measure). */
export interface Script {
  readonly text: string;
  readonly sha: string;
}

function load(file: string): Script {
  const text = readFileSync(join(import.meta.dirname, 'lua', file), 'utf8');
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}

export const prepareScript = load('prepare.lua');
export const acceptScript = load('accept.lua');
export const installConfigurationScript = load('install-configuration.lua');
export const formatScript = load('format.lua');
export const reincarnateScript = load('reincarnate.lua');

/** What an acceptor runs by EVALSHA; loaded on every new connection. */
export const acceptorScripts: readonly Script[] = [
  prepareScript,
  acceptScript,
  installConfigurationScript,
];
