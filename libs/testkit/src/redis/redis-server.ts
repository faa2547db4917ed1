// One zone's real Redis and the powers that a test needs over it: kill, freeze, wipe, put an older disk back, fill the disk. What a
// driver adds is only how the program is run (spawned-redis.ts, container-redis.ts). Not a client library; `admin` is for looking and
// for sabotage.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import {
  removeStaleRewrites,
  redisPasswordHash,
  renderAclFile,
  renderRedisConfig,
  type RedisTls,
  type RedisUser,
  type TornTail,
} from '@zonehold/caspaxos-redis';
import type { CertificateAndKey } from '@zonehold/pki';
import { Redis } from 'ioredis';
import type { Guardian } from './guardian.ts';
import { until } from './until.ts';

const readyTimeoutMs = 15_000;
/** Loopback and a bridge: microseconds, were it not for busy machines. */
const connectTimeoutMs = 100;
const endTimeoutMs = 10_000;
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
  /** Gives the data a disk of its own of this size, so that it can be filled. Needs root, as mounting does. */
  readonly diskMaxBytes?: number;
}

export abstract class RedisServer {
  readonly host = '127.0.0.1';
  readonly port: number;
  /** Configuration, certificates and, in `dataDir`, the data: on this machine with either driver, under the same path. */
  readonly folder: string;
  protected readonly options: RedisServerOptions;
  #admin: Redis | undefined;
  #snapshots = 0;

  protected constructor(options: RedisServerOptions, port: number, bind: string) {
    this.options = options;
    this.folder = options.folder;
    this.port = port;
    this.#writeFiles(bind);
  }

  /** False before `start`, and once the program ended, by itself or not. A frozen one runs. */
  abstract get isRunning(): boolean;

  /** Starts the program and waits until it serves. Rejects with the end of its log when it ends instead. */
  abstract start(): Promise<void>;

  /** kill -9, and waits until it is gone. Does nothing when it does not run. */
  abstract kill(): Promise<void>;

  /** Freezes it: it keeps its sockets and answers nothing. */
  abstract pause(): Promise<void>;

  abstract resume(): Promise<void>;

  /** What the supervisor does after a kill: cuts a write that was cut short. The program must not run. See mendTornTail. */
  abstract mend(): Promise<TornTail>;

  /** Kills it and removes what the driver made, except files. */
  abstract stop(): Promise<void>;

  get dataDir(): string {
    return join(this.folder, 'data');
  }

  get log(): string {
    return readFileSync(join(this.folder, 'redis.log'), 'utf8');
  }

  /** Starts after a kill under load, as the launcher does: a write that was cut short is mended first. */
  async startMended(): Promise<void> {
    removeStaleRewrites(this.dataDir);
    await this.mend();
    await this.start();
  }

  async restart(): Promise<void> {
    await this.kill();
    await this.startMended();
  }

  /** Starts again on an empty disk. */
  async wipe(): Promise<void> {
    await this.kill();
    this.#clearDisk();
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
    this.#clearDisk();
    cpSync(snapshot, this.dataDir, { recursive: true });
    await this.startMended();
  }

  /** Leaves no byte free on the disk. Only with `diskMaxBytes`. Under `appendfsync always` Redis ends at its next write. */
  fillDisk(): void {
    if (this.options.diskMaxBytes === undefined) throw new Error('this zone has no small disk');
    const block = Buffer.alloc(4_096, 1);
    const refusal = (): unknown => {
      try {
        for (;;) writeFileSync(this.#fillerPath, block, { flag: 'a' });
      } catch (error) {
        return error;
      }
    };
    const error = refusal();
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }

  freeDisk(): void {
    rmSync(this.#fillerPath, { force: true });
  }

  /** Waits until the program has ended by itself. */
  async ended(): Promise<void> {
    await until('Redis has ended', () => !this.isRunning, endTimeoutMs);
  }

  /** The tests' administrator: may do everything. One connection, closed by `stop`. */
  get admin(): Redis {
    this.#admin ??= this.connect('admin');
    return this.#admin;
  }

  /** A raw client as one of the users. The caller disconnects it. */
  connect(user: RedisUser | 'admin'): Redis {
    const { clientTls, passwords } = this.options;
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

  protected get configPath(): string {
    return join(this.folder, 'redis.conf');
  }

  protected closeAdmin(): void {
    this.#admin?.disconnect();
    this.#admin = undefined;
  }

  /** Waits for the first answer; an `ended` that rejects ends the waiting. */
  protected async untilReady(ended: Promise<never>): Promise<void> {
    await Promise.race([ended, this.#untilListening()]);
    const redis = this.connect('admin');
    try {
      await Promise.race([ended, redis.ping()]);
    } finally {
      redis.disconnect();
    }
  }

  /**
   * Many short tries: a first packet that meets a half-made network is dropped, and the kernel repeats it only after a second. Gives up
   * without an error when the program ends, which the caller sees.
   */
  async #untilListening(): Promise<void> {
    const { host, port } = this;
    await until('Redis listens', () => !this.isRunning || canConnect(host, port), readyTimeoutMs);
  }

  get #fillerPath(): string {
    return join(this.dataDir, 'filler');
  }

  /** The folder itself stays: it may be where a disk or a container is mounted. */
  #clearDisk(): void {
    for (const name of readdirSync(this.dataDir)) {
      rmSync(join(this.dataDir, name), { recursive: true });
    }
  }

  #writeFiles(bind: string): void {
    const { ca, certificate, passwords } = this.options;
    mkdirSync(this.dataDir, { recursive: true });
    this.#mountDisk();
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
      bind,
      port: this.port,
      certPath: path('redis.crt'),
      keyPath: path('redis.key'),
      caPath: path('ca.crt'),
      aclPath: path('users.acl'),
      dataDir: this.dataDir,
      logPath: path('redis.log'),
    });
    writeFileSync(this.configPath, config);
  }

  #mountDisk(): void {
    const { diskMaxBytes, guardian } = this.options;
    if (diskMaxBytes === undefined) return;
    guardian.mounted(this.dataDir);
    const args = ['-t', 'tmpfs', '-o', `size=${diskMaxBytes},mode=0700`, 'tmpfs', this.dataDir];
    const { status, stderr } = spawnSync('mount', args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`a small disk needs root, to mount it: ${stderr}`);
  }
}

/** True when somebody takes a connection at once. */
function canConnect(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: connectTimeoutMs });
    const say = (isOpen: boolean) => () => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once('connect', say(true)).once('error', say(false)).once('timeout', say(false));
  });
}
