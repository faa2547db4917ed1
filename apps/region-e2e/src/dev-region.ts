// A development region of a test's own: the same processes as any other, with a clock that can be moved.
import { startRegion, type RunningRegion } from '@zonehold/testkit';
import { TestRegion } from './region.ts';

/** The part of the OpenAPI document that tests look at. */
export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { operationId?: string }>>>>;
  readonly 'x-reason-codes': readonly string[];
}

export class DevRegion {
  readonly region: TestRegion;
  readonly #running: RunningRegion;

  private constructor(running: RunningRegion) {
    this.#running = running;
    this.region = new TestRegion(running);
  }

  static async start(): Promise<DevRegion> {
    return new DevRegion(await startRegion({ launchOptions: ['--dev'] }));
  }

  /** Moves the keys' clock in all zones; `31d`, `4h`, `30s`. */
  async advance(by: string): Promise<void> {
    await this.region.zonehold('clock', 'advance', by);
  }

  /** The keys' time, in milliseconds since the Unix epoch. */
  async nowMs(): Promise<number> {
    const shown = JSON.parse(await this.region.zonehold('clock', 'show', '--json')) as {
      keyTime: string;
    };
    return Date.parse(shown.keyTime);
  }

  async newInstance(name: string): Promise<string> {
    const made = await this.region.zonehold('instance', 'create', '--name', name, '--json');
    return (JSON.parse(made) as { instanceId: string }).instanceId;
  }

  /** The key itself. With `service`, that of a service identity. */
  async newApiKey(instanceId: string, roles: readonly string[], service?: string): Promise<string> {
    const made = await this.region.zonehold(
      ...['apikey', 'create', '--instance', instanceId, '--json'],
      ...roles.flatMap((role) => ['--role', role]),
      ...(service === undefined ? [] : ['--service', service]),
    );
    return (JSON.parse(made) as { apiKey: string }).apiKey;
  }

  async openApi(): Promise<OpenApi> {
    return (await this.region.get('/openapi.json')) as OpenApi;
  }

  stop(): Promise<void> {
    return this.#running.stop();
  }
}
