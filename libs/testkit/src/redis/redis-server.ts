// One real redis-server process, as the launcher would start it, with the powers a test needs over it: kill, freeze, wipe,
// and putting an older disk back. Not a client library; `admin` is for looking and for sabotage.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import {
  mendTornTail,
  removeStaleRewrites,
  redisPasswordHash,
  renderAclFile,
  renderRedisConfig,
  type RedisTls,
  type RedisUser,
} from '@zonehold/caspaxos-redis';
import type { CertificateAndKey } from '@zonehold/pki';
import type { Guardian } from './guardian.ts';

const startTimeoutMs = 10_000;
const template = readFileSync(join(import.meta.dirname, '../../../../docker/redis.conf'), 'utf8');

/** Passwords of the region's users, and of the tests' own administrator. */
export type RedisPasswords = Readonly<Record<RedisUser | 'admin', string>>;

export interface RedisServerOptions {
  readonly folder: string;
  readonly ca: string;
  readonly certificate: CertificateAndKey;
  readonly clientTls: RedisTls;
  readonly passwords: RedisPasswords;
  readonly guardian: Guardian;
}

export class RedisServer {
  readonly host = '127.0.0.1';
  readonly port: number;
  readonly folder: string;
  readonly #options: RedisServerOptions;
  #process: ChildProcess | undefined;
  #admin: Redis | undefined;
  #snapshots = 0;

  private constructor(options: RedisServerOptions, port: number) {
    this.#options = options;
    this.folder = options.folder;
    this.port = port;
  }

  /** Writes its files and starts it. Throws, with the apt command, when there is no redis-server on this machine. */
  static async start(options: RedisServerOptions): Promise<RedisServer> {
    if (spawnSync('redis-server', ['--version']).error !== undefined) {
      throw new Error('redis-server is not installed: apt-get install -y redis-server');
    }
    const server = new RedisServer(options, await freePort());
    server.#writeFiles();
    await server.start();
    return server;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  get dataDir(): string {
    return join(this.folder, 'data');
  }

  get log(): string {
    return readFileSync(join(this.folder, 'redis.log'), 'utf8');
  }

  /** Starts after a kill under load, as the launcher does: a write that was cut short is mended first. */
  async startMended(): Promise<void> {
    removeStaleRewrites(this.dataDir);
    await mendTornTail(this.dataDir);
    await this.start();
  }

  /** Starts the process and waits until it serves. Rejects with the end of its log when it exits instead. */
  async start(): Promise<void> {
    const child = spawn('redis-server', [join(this.folder, 'redis.conf')], {
      cwd: this.folder,
      stdio: 'ignore',
      env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    });
    this.#process = child;
    const { pid } = child;
    if (pid !== undefined) this.#options.guardian.watch(pid);
    const exited = new Promise<never>((_resolve, reject) => {
      child.once('exit', () => {
        if (this.#process === child) this.#process = undefined;
        if (pid !== undefined) this.#options.guardian.forget(pid);
        reject(new Error(`redis-server ended: ${this.log.slice(-1_200)}`));
      });
    });
    exited.catch(() => undefined);
    await Promise.race([exited, this.#untilReady()]);
  }

  /** kill -9, and waits until it is gone. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (child === undefined) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  /** SIGSTOP: the process keeps its sockets and answers nothing. */
  pause(): void {
    this.#process?.kill('SIGSTOP');
  }

  resume(): void {
    this.#process?.kill('SIGCONT');
  }

  async restart(): Promise<void> {
    await this.kill();
    await this.startMended();
  }

  /** Starts again on an empty disk. */
  async wipe(): Promise<void> {
    await this.kill();
    rmSync(this.dataDir, { recursive: true });
    mkdirSync(this.dataDir);
    await this.start();
  }

  /** Copies the disk as it is now; under `appendfsync always` everything answered is on it. */
  snapshot(): string {
    const copy = join(this.folder, `snapshot-${(this.#snapshots += 1)}`);
    cpSync(this.dataDir, copy, { recursive: true });
    return copy;
  }

  /** Starts again on the disk of `snapshot`. */
  async restore(snapshot: string): Promise<void> {
    await this.kill();
    rmSync(this.dataDir, { recursive: true });
    cpSync(snapshot, this.dataDir, { recursive: true });
    await this.start();
  }

  /** The tests' administrator: may do everything. One connection, closed by `stop`. */
  get admin(): Redis {
    this.#admin ??= this.connect('admin');
    return this.#admin;
  }

  /** A raw client as one of the users. The caller disconnects it. */
  connect(user: RedisUser | 'admin'): Redis {
    const { clientTls, passwords } = this.#options;
    const redis = new Redis({
      host: this.host,
      port: this.port,
      username: user,
      password: passwords[user],
      protocol: 2,
      disableClientInfo: true,
      tls: { ...clientTls },
      retryStrategy: () => 50,
    });
    redis.on('error', () => undefined);
    return redis;
  }

  async stop(): Promise<void> {
    this.#admin?.disconnect();
    this.#admin = undefined;
    await this.kill();
  }

  #writeFiles(): void {
    const { ca, certificate, passwords } = this.#options;
    mkdirSync(this.dataDir, { recursive: true });
    const path = (name: string): string => join(this.folder, name);
    writeFileSync(path('ca.crt'), ca);
    writeFileSync(path('redis.crt'), certificate.certPem);
    writeFileSync(path('redis.key'), certificate.keyPem, { mode: 0o600 });
    const hashOf = (user: RedisUser): string => redisPasswordHash(passwords[user]);
    const acl = renderAclFile({
      'key-manager': hashOf('key-manager'),
      'health-monitor': hashOf('health-monitor'),
      provisioner: hashOf('provisioner'),
    });
    const admin = `user admin on #${redisPasswordHash(passwords.admin)} ~* &* +@all\n`;
    writeFileSync(path('users.acl'), acl + admin);
    const config = renderRedisConfig(template, {
      bind: this.host,
      port: this.port,
      certPath: path('redis.crt'),
      keyPath: path('redis.key'),
      caPath: path('ca.crt'),
      aclPath: path('users.acl'),
      dataDir: this.dataDir,
      logPath: path('redis.log'),
    });
    writeFileSync(path('redis.conf'), config);
  }

  async #untilReady(): Promise<void> {
    const redis = this.connect('admin');
    const timer = setTimeout(() => redis.disconnect(), startTimeoutMs);
    try {
      await redis.ping();
    } catch (error) {
      throw new Error(`redis-server did not get ready within ${startTimeoutMs} ms`, {
        cause: error,
      });
    } finally {
      clearTimeout(timer);
      redis.disconnect();
    }
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
