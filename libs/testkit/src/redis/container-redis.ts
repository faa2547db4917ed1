// The driver that the suites run on: a zone's Redis in a container, on a network of its own, reached through one port of loopback that
// stays the same for life. Only here: cutting the network.
import { mendTornTail, type AofCheck, type TornTail } from '@zonehold/caspaxos-redis';
import {
  GenericContainer,
  PullPolicy,
  type StartedTestContainer,
  type WaitStrategy,
} from 'testcontainers';
import { freeContainerPort, labelsOf, openEngine, type Engine } from './engine.ts';
import { RedisServer, type RedisServerOptions } from './redis-server.ts';

/** Pulled, or made by tools/setup/container-images.mjs. */
const image = 'redis:7-bookworm';

export interface ContainerRedisOptions extends RedisServerOptions {
  /** Names what this server and its neighbours make in the engine; see labelsOf. */
  readonly group: string;
}

export class ContainerRedis extends RedisServer {
  readonly #engine: Engine;
  readonly #group: string;
  readonly #labels: Record<string, string>;
  #networkId = '';
  #container: ReturnType<Engine['container']['getById']> | undefined;
  #checker: StartedTestContainer | undefined;
  #isRunning = false;

  private constructor(options: ContainerRedisOptions, port: number, engine: Engine) {
    super(options, port, '0.0.0.0');
    this.#engine = engine;
    this.#group = options.group;
    this.#labels = labelsOf(options.group);
  }

  /** Writes its files, makes its network and container, and starts it. Throws, with the command to run, without an engine or image. */
  static async start(options: ContainerRedisOptions): Promise<ContainerRedis> {
    const engine = await openEngine();
    const server = new ContainerRedis(options, await freeContainerPort(), engine);
    await server.start();
    return server;
  }

  override get isRunning(): boolean {
    return this.#isRunning;
  }

  override async start(): Promise<void> {
    if (this.#container === undefined) await this.#create();
    else await this.#container.start();
    this.#isRunning = true;
    await this.untilReady(this.#watch());
  }

  override async kill(): Promise<void> {
    if (!this.#isRunning) return;
    await this.resume(); // the engine does not kill what is frozen
    await this.#container?.kill({ signal: 'SIGKILL' });
    await this.ended();
  }

  override async pause(): Promise<void> {
    await this.#container?.pause();
  }

  override async resume(): Promise<void> {
    const state = await this.#container?.inspect();
    if (state?.State.Paused === true) await this.#container?.unpause();
  }

  /** Cuts the zone off: nothing goes in or out, and what is sent on an open connection breaks it. For silence see SlowLink. */
  async disconnect(): Promise<void> {
    const Container = this.#container?.id ?? '';
    await this.#engine.network.getById(this.#networkId).disconnect({ Container, Force: true });
  }

  /** Undoes `disconnect`; the address is what it was. */
  async reconnect(): Promise<void> {
    const Container = this.#container?.id ?? '';
    await this.#engine.network.getById(this.#networkId).connect({ Container });
  }

  /** With the redis-check-aof of the same image: another version may not know the format. */
  override mend(): Promise<TornTail> {
    return mendTornTail(this.dataDir, this.#checkAof);
  }

  override async stop(): Promise<void> {
    this.closeAdmin();
    await this.#container?.remove({ force: true, v: true });
    await this.#checker?.stop({ timeout: 0 });
    if (this.#networkId !== '') await this.#engine.network.getById(this.#networkId).remove();
  }

  /** Rejects when the program ends, and keeps `isRunning` true to the fact. */
  async #watch(): Promise<never> {
    const ended = async (): Promise<never> => {
      await this.#container?.wait();
      this.#isRunning = false;
      throw new Error(`Redis ended in its container: ${this.log.slice(-1_200)}`);
    };
    const end = ended();
    end.catch(() => undefined);
    return end;
  }

  async #create(): Promise<void> {
    const network = await this.#engine.container.dockerode.createNetwork({
      Name: `zonehold-${this.#group}-${this.port}`,
      Driver: 'bridge',
      Labels: this.#labels,
      Options: { 'com.docker.network.bridge.host_binding_ipv4': this.host },
    });
    this.#networkId = network.id;
    const container = await new RedisContainer(image, this.host, this.port)
      .withLabels(this.#labels)
      .withNetworkMode(network.id)
      .withEnvironment({ LC_ALL: 'C' })
      .withEntrypoint(['redis-server'])
      .withCommand([this.configPath])
      .withUser(currentUser())
      .withBindMounts([{ source: this.folder, target: this.folder }])
      .withWaitStrategy(untilReadyElsewhere)
      .start();
    this.#container = this.#engine.container.getById(container.getId());
  }

  readonly #checkAof: AofCheck = async (args, answer) => {
    this.#checker ??= await new RedisContainer(image)
      .withLabels(this.#labels)
      .withNetworkMode('none')
      .withEntrypoint(['sleep'])
      .withCommand(['infinity'])
      .withUser(currentUser())
      .withBindMounts([{ source: this.folder, target: this.folder }])
      .withWaitStrategy(untilReadyElsewhere)
      .start();
    const script = 'answer=$1; shift; printf "%s" "$answer" | redis-check-aof "$@"';
    const { exitCode, stdout } = await this.#checker.exec([
      'sh',
      '-c',
      script,
      'sh',
      answer,
      ...args,
    ]);
    return { isValid: exitCode === 0, output: stdout };
  };
}

/** A container of an image that must be there already, with at most one port, open on one address of this machine only. */
class RedisContainer extends GenericContainer {
  constructor(name: string, host?: string, port?: number) {
    super(name);
    // testcontainers' reaper is an image of its own; the guardian and the labels do its work.
    this.withAutoCleanup(false).withPullPolicy(PullPolicy.neverPull());
    if (host === undefined || port === undefined) return;
    this.withExposedPorts({ container: port, host: port });
    this.hostConfig.PortBindings = { [`${port}/tcp`]: [{ HostIp: host, HostPort: String(port) }] };
  }
}

/** RedisServer asks Redis itself; testcontainers would run shell commands in the container to find out less. */
const untilReadyElsewhere: WaitStrategy = {
  waitUntilReady: async () => undefined,
  withStartupTimeout: () => untilReadyElsewhere,
  isStartupTimeoutSet: () => true,
  getStartupTimeout: () => 0,
};

/** The files that Redis writes are then ours to read and remove. */
function currentUser(): string {
  return `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;
}
