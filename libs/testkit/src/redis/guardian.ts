// Makes sure that nothing outlives a test process, however it ends: a shell that waits for our end of a pipe to close,
// then kills what we started and removes what we wrote. Orderly cleaning is RedisZones.stop().
import { spawn, type ChildProcess } from 'node:child_process';

/**
 * Reads `+<pid>`, `-<pid>` and `!<folder>` lines; at end of input kills the pids still noted, if they still run in the
 * folder (a pid may have been given to somebody else), and removes it.
 */
const script = `
pids=''; folder=''
while read -r line; do
  case "$line" in
    +*) pids="$pids \${line#+}" ;;
    -*) gone="\${line#-}"; rest=''; for p in $pids; do [ "$p" = "$gone" ] || rest="$rest $p"; done; pids="$rest" ;;
    !*) folder="\${line#!}" ;;
  esac
done
for p in $pids; do
  case "$(readlink "/proc/$p/cwd")" in "$folder"*) kill -9 "$p" ;; esac
done
[ -n "$folder" ] && rm -rf "$folder"
`;

export class Guardian {
  readonly #shell: ChildProcess;

  constructor(folder: string) {
    this.#shell = spawn('sh', ['-c', script], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    this.#shell.unref();
    this.#say(`!${folder}`);
  }

  watch(pid: number): void {
    this.#say(`+${pid}`);
  }

  forget(pid: number): void {
    this.#say(`-${pid}`);
  }

  /** Ends the guardian, and with it everything it still watches. Resolves when that is done. */
  async release(): Promise<void> {
    this.#shell.ref();
    const ended = new Promise((resolve) => this.#shell.once('exit', resolve));
    this.#shell.stdin?.end();
    await ended;
  }

  #say(line: string): void {
    this.#shell.stdin?.write(`${line}\n`);
  }
}
