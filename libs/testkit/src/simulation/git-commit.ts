// Which commit a seed belongs to: under another, the same seed is another run.
import { execFileSync } from 'node:child_process';

/** The commit of this file's working tree, and whether tracked files differ from it. Never throws. */
export function gitCommit(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, {
      cwd: import.meta.dirname,
      encoding: 'utf8',
      stdio: 'pipe',
      timeout: 5_000,
    });
  try {
    const isChanged = git('status', '--porcelain', '--untracked-files=no').trim() !== '';
    return git('rev-parse', 'HEAD').trim() + (isChanged ? ' with changes' : '');
  } catch {
    return 'unknown (no git here)';
  }
}
