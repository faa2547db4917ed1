// Reads a region's client.env: lines of NAME=value, as the launcher writes them.
import { readFileSync } from 'node:fs';
import type { RegionAccess } from './kms-client.ts';

export type ClientEnv = Readonly<Record<string, string | undefined>>;

/** The variables of the file; an `export ` in front and quotes around the value are allowed. */
export function readClientEnv(path: string): ClientEnv {
  const linePattern = /^(?:export )?([A-Z0-9_]+)=(?:"([^"]*)"|'([^']*)'|(.*))$/;
  const lines = readFileSync(path, 'utf8').split('\n');
  return Object.fromEntries(
    lines.flatMap((line) => {
      const [, name, double, single, plain] = linePattern.exec(line.trim()) ?? [];
      return name === undefined ? [] : [[name, double ?? single ?? plain ?? '']];
    }),
  );
}

/** Who asks where, from variables. Throws with the name of one that is missing. */
export function accessFrom(env: ClientEnv, url = required(env, 'KEY_PROTECT_URL')): RegionAccess {
  return {
    url: url.replace(/\/+$/, ''),
    instanceId: required(env, 'KEY_PROTECT_INSTANCE_ID'),
    apiKey: required(env, 'KEY_PROTECT_API_KEY'),
    ca: readFileSync(required(env, 'NODE_EXTRA_CA_CERTS'), 'utf8'),
  };
}

function required(env: ClientEnv, name: string): string {
  const value = env[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set.`);
  return value;
}
