// Runs wrk with one request repeated, and reads its figures. The script lies in a folder only we can read: it has a token.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { HttpCall } from './kms-client.ts';
import type { Measurement } from './measurement.ts';

const run = promisify(execFile);

export interface LoadOptions {
  readonly call: HttpCall;
  readonly connections: number;
  readonly durationS: number;
}

/** True when wrk is on the path. `wrk -v` prints its version and exits with 1. */
export async function hasWrk(): Promise<boolean> {
  const result = await run('wrk', ['-v']).catch((error: unknown) => error as NodeJS.ErrnoException);
  return !('code' in result && result.code === 'ENOENT');
}

/** One run of wrk: one thread (it does far more than the servers), `connections` connections. */
export async function runWrk({ call, connections, durationS }: LoadOptions): Promise<Measurement> {
  const folder = mkdtempSync(join(tmpdir(), 'zonehold-wrk-'));
  try {
    const script = join(folder, 'request.lua');
    writeFileSync(script, luaScript(call), { mode: 0o600 });
    const args = ['-t1', `-c${connections}`, `-d${durationS}s`, '--timeout', '10s', '--latency'];
    const { stdout } = await run('wrk', [...args, '-s', script, call.url], {
      timeout: (durationS + 30) * 1_000,
    });
    return readWrk(stdout);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function luaScript({ method, headers, body }: HttpCall): string {
  const lines = Object.entries(headers).map(
    ([name, value]) => `wrk.headers[${luaText(name)}] = ${luaText(value)}`,
  );
  return [`wrk.method = ${luaText(method)}`, `wrk.body = ${luaText(body)}`, ...lines].join('\n');
}

/** A quoted Lua text: everything but plain characters as decimal escapes (Lua 5.1 manual §2.1). */
function luaText(text: string): string {
  const bytes = Buffer.from(text, 'utf8');
  const escaped = Array.from(bytes, (byte) => {
    const character = String.fromCharCode(byte);
    return /[A-Za-z0-9 :/.+=_-]/.test(character) ? character : `\\${String(byte).padStart(3, '0')}`;
  });
  return `"${escaped.join('')}"`;
}

const unitMs: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1_000, m: 60_000 };

/** Reads what wrk prints with `--latency`. Throws when it is not that. */
export function readWrk(text: string): Measurement {
  const requestsPerS = Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1]);
  const bad = Number(/Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? 0);
  const socket = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text);
  const broken = (socket?.slice(1) ?? []).reduce((sum, count) => sum + Number(count), 0);
  const atMs = (share: string): number => {
    const [, value, unit = ''] =
      new RegExp(`\\s${share}%\\s+([\\d.]+)(us|ms|s|m)\\b`).exec(text) ?? [];
    return Number(value) * (unitMs[unit] ?? NaN);
  };
  const measurement = {
    requestsPerS,
    p50Ms: atMs('50'),
    p99Ms: atMs('99'),
    failures: bad + broken,
  };
  if (Object.values(measurement).some((value) => Number.isNaN(value))) {
    throw new Error(`wrk printed something else: ${text.slice(0, 500)}`);
  }
  return measurement;
}
