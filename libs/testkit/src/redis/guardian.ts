// Makes sure that nothing outlives a test process, however it ends: a shell that waits for our end of a pipe to close,
// then kills what we started and removes what we wrote. Orderly cleaning is RedisZones.stop().
import { spawn, type ChildProcess } from 'node:child_process';

/**
 * Reads `+<pid>`, `-<pid>`, `!<folder>`, `=<mounted folder>` and `@<filter of the docker command>` lines; at end of input kills the
 * pids still noted, if they still run in the folder (a pid may have been given to somebody else), removes the containers and networks
 * that the filter finds, unmounts, and removes the folder.
 */
const script = `
pids=''; folder=''; mounts=''; filter=''
while read -r line; do
  case "$line" in
    +*) pids="$pids \${line#+}" ;;
    -*) gone="\${line#-}"; rest=''; for p in $pids; do [ "$p" = "$gone" ] || rest="$rest $p"; done; pids="$rest" ;;
    !*) folder="\${line#!}" ;;
    =*) mounts="$mounts \${line#=}" ;;
    @*) filter="\${line#@}" ;;
  esac
done
for p in $pids; do
  case "$(readlink "/proc/$p/cwd")" in "$folder"*) kill -9 "$p" ;; esac
done
if [ -n "$filter" ]; then
  docker ps -aq --filter "$filter" | xargs -r docker rm -fv
  docker network ls -q --filter "$filter" | xargs -r docker network rm
fi
for m in $mounts; do umount -l "$m"; done
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

  /** Something is or will be mounted on `folder`, a path without spaces. */
  mounted(folder: string): void {
    this.#say(`=${folder}`);
  }

  /** Whatever `filter` finds in the engine goes too; empty: nothing any more. */
  watchEngine(filter: string): void {
    this.#say(`@${filter}`);
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
