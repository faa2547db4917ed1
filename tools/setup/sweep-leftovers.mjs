// Removes containers and networks of tests whose process has gone. Orderly tests leave none, and testkit's guardian removes those of
// tests that were killed; this is for the day when the guardian was killed too. Running tests keep theirs.
import { existsSync, readFileSync } from 'node:fs';
import { runQuietly } from './run.mjs';

/** Its value is `<pid>.<start>` of the process that will remove it; set by testkit's redis/engine.ts. */
const ownerLabel = 'zonehold.owner';

const kinds = [
  { list: ['ps', '--all'], remove: ['rm', '--force', '--volumes'] },
  { list: ['network', 'ls'], remove: ['network', 'rm'] },
];

/** May be called at any time, also by several at once. */
export async function sweepLeftovers(env) {
  for (const { list, remove } of kinds) {
    const format = `{{.ID}} {{.Label "${ownerLabel}"}}`;
    const { output } = await docker(
      [...list, '--filter', `label=${ownerLabel}`, '--format', format],
      env,
    );
    const rows = output.split('\n').map((line) => line.split(' '));
    const orphans = rows.filter(([id, owner]) => id && owner && !isAlive(owner)).map(([id]) => id);
    if (orphans.length > 0) await docker([...remove, ...orphans], env);
  }
}

/** Linux gives pids again, but not with the same start: field 22 of /proc/<pid>/stat, after a name that may contain anything. */
function isAlive(owner) {
  const [pid, start] = owner.split('.');
  const path = `/proc/${pid}/stat`;
  if (!existsSync(path)) return false;
  const fields = readFileSync(path, 'utf8').split(') ').at(-1).split(' ');
  return fields[19] === start;
}

function docker(args, env) {
  return runQuietly('docker', args, { env: { ...process.env, ...env } });
}
