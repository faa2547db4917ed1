// Runs other programs for the set-up scripts: never with a terminal's stdin, output shown or kept.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** Longest output kept of a quiet program: enough for an apt error. */
const keptMaxChars = 20_000;

/** Runs a program without showing its output. Resolves with exit code (127: not found) and both outputs together. */
export function runQuietly(command, args, { env = process.env, input = '' } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    let output = '';
    const keep = (chunk) => (output = (output + chunk).slice(-keptMaxChars));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    child.once('error', () => resolve({ code: 127, output }));
    child.once('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/**
 * Runs a program in the foreground with our output and no stdin. A SIGINT or SIGTERM that reaches us is passed on, and we wait for the
 * program to end by itself. Resolves with the exit code a shell would show.
 */
export function runInForeground(command, args, { env = process.env, cwd = process.cwd() } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, cwd, stdio: ['ignore', 'inherit', 'inherit'] });
    const passOn = (signal) => child.kill(signal);
    process.on('SIGINT', passOn);
    process.on('SIGTERM', passOn);
    process.on('SIGHUP', passOn);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(name, passOn);
      resolve(code ?? 128 + (constants.signals[signal] ?? 1));
    });
  });
}
