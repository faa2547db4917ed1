// The driver for quick local runs: a redis-server process of this machine, as the launcher would start it.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { mendTornTail, type TornTail } from '@zonehold/caspaxos-redis';
import { RedisServer, type RedisServerOptions } from './redis-server.ts';

export class SpawnedRedis extends RedisServer {
  #process: ChildProcess | undefined;

  /** Writes its files and starts it. Throws, with the apt command, when there is no redis-server on this machine. */
  static async start(options: RedisServerOptions): Promise<SpawnedRedis> {
    if (spawnSync('redis-server', ['--version']).error !== undefined) {
      throw new Error('redis-server is not installed: apt-get install -y redis-server');
    }
    const server = new SpawnedRedis(options, await freePort(), '127.0.0.1');
    await server.start();
    return server;
  }

  override get isRunning(): boolean {
    return this.#process !== undefined;
  }

  override async start(): Promise<void> {
    const { guardian } = this.options;
    const child = spawn('redis-server', [this.configPath], {
      cwd: this.folder,
      stdio: 'ignore',
      env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    });
    this.#process = child;
    const { pid } = child;
    if (pid !== undefined) guardian.watch(pid);
    const ended = new Promise<never>((_resolve, reject) => {
      child.once('exit', () => {
        if (this.#process === child) this.#process = undefined;
        if (pid !== undefined) guardian.forget(pid);
        reject(new Error(`redis-server ended: ${this.log.slice(-1_200)}`));
      });
    });
    ended.catch(() => undefined);
    await this.untilReady(ended);
  }

  override async kill(): Promise<void> {
    const child = this.#process;
    if (child === undefined) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  override async pause(): Promise<void> {
    this.#process?.kill('SIGSTOP');
  }

  override async resume(): Promise<void> {
    this.#process?.kill('SIGCONT');
  }

  override mend(): Promise<TornTail> {
    return mendTornTail(this.dataDir);
  }

  override async stop(): Promise<void> {
    this.closeAdmin();
    await this.kill();
  }
}

/** A port nobody listens on just now. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address !== null && typeof address === 'object') resolve(address.port);
      });
    });
  });
}
