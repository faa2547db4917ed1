// client.env as SDKs, a shell and the launcher itself read it.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  endpointVariables,
  parseClientEnv,
  renderClientEnv,
  type ClientEnv,
} from './client-env.ts';

const env: ClientEnv = {
  ...endpointVariables(8443, "/home/o'neil/my region/ca.crt"),
  KEY_PROTECT_INSTANCE_ID: 'i-1',
  KEY_PROTECT_INSTANCE_ID_2: 'i-2',
  KEY_PROTECT_API_KEY: 'a.b-c_d',
  KEY_PROTECT_API_KEY_READER: 'r',
  KEY_PROTECT_API_KEY_READERPLUS: 'rp',
  KEY_PROTECT_API_KEY_WRITER: 'w',
  KEY_PROTECT_API_KEY_KEYPURGE: 'kp',
  KEY_PROTECT_API_KEY_MANAGER2: 'm2',
};

describe('client.env', () => {
  it('comes back as it was written, with quotes and spaces in the path', () => {
    expect(parseClientEnv(renderClientEnv(env))).toEqual(env);
  });

  it('means the same to a shell', () => {
    const folder = mkdtempSync(join(tmpdir(), 'client-env-'));
    try {
      const path = join(folder, 'client.env');
      writeFileSync(path, renderClientEnv(env));
      const seen = execFileSync('sh', ['-c', `. "${path}"; printf %s "$NODE_EXTRA_CA_CERTS"`]);
      expect(seen.toString()).toBe(env.NODE_EXTRA_CA_CERTS);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('that lacks a variable is not one, so that it is made anew', () => {
    expect(
      parseClientEnv(renderClientEnv(env).replace(/^KEY_PROTECT_API_KEY_WRITER=.*$/m, '')),
    ).toBeUndefined();
  });

  it('gives the token URL with its path, which every SDK understands', () => {
    expect(env.KEY_PROTECT_TOKEN_URL).toBe('https://localhost:8443/identity/token');
  });
});
