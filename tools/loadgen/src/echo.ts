// Starts and stops the bare echo as a process of its own, with a certificate of the same kind as a gateway's.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority, issueCertificate } from '@zonehold/pki';
import { systemClock as clock, systemRandom as random } from '@zonehold/primitives';

export interface Echo {
  readonly url: string;
  readonly ca: string;
  stop(): Promise<void>;
}

/** Starts the echo; its answers have `answerBytes` bytes. */
export async function startEcho(answerBytes: number): Promise<Echo> {
  const folder = mkdtempSync(join(tmpdir(), 'zonehold-echo-'));
  const authority = await createAuthority('bench', { clock, random });
  const subject = {
    clusterId: 'bench',
    region: 'bench',
    zone: '-',
    service: 'echo',
    ipAddresses: ['127.0.0.1'],
  };
  const { certPem, keyPem } = await issueCertificate(authority, subject, { clock, random });
  const certPath = join(folder, 'echo.crt');
  const keyPath = join(folder, 'echo.key');
  writeFileSync(certPath, certPem);
  writeFileSync(keyPath, keyPem, { mode: 0o600 });
  const program = join(import.meta.dirname, 'echo-server.ts');
  const child = spawn(process.execPath, [program, certPath, keyPath, String(answerBytes)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const first = await Promise.race([once(child.stdout, 'data'), ended.then(() => undefined)]);
  rmSync(folder, { recursive: true });
  if (first === undefined) throw new Error('the echo server ended before it listened');
  return {
    url: `https://127.0.0.1:${String(first[0]).trim()}/`,
    ca: authority.certPem,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
