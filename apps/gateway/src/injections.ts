// Made-up trouble for the clients of a development region: a refusal or a delay for some requests of an operation, decided before a
// key-manager hears of the request, so that an injected refusal is always true when it says "not applied".
import type { ApiRefusal, OperationName } from '@zonehold/api-contract';
import type { Clock, Random } from '@zonehold/primitives';
import {
  everyRoute,
  standingInjections,
  type DevControls,
  type InjectableStatus,
  type Injection,
} from '@zonehold/service-host';

const refusals: Readonly<Record<InjectableStatus, ApiRefusal['code']>> = {
  429: 'TOO_MANY_REQUESTS_ERR',
  500: 'INTERNAL_ERR',
  503: 'SERVICE_UNAVAILABLE_ERR',
};

/** What happens to one request. `ids` of the injections that struck, as the header shows them. */
export interface Struck {
  readonly ids: string;
  readonly latencyMs: number;
  readonly refusal?: ApiRefusal;
}

export interface InjectionsOptions {
  readonly controls: () => Pick<DevControls, 'injections'>;
  /** The machine's: expiry has nothing to do with the keys' time. */
  readonly clock: Clock;
  readonly random: Random;
}

export class Injections {
  readonly #options: InjectionsOptions;

  constructor(options: InjectionsOptions) {
    this.#options = options;
  }

  /** Draws for each injection that fits. Delays add up; the first refusal wins. Undefined when none struck. */
  draw(operation: OperationName): Struck | undefined {
    const { controls, clock, random } = this.#options;
    const { injections } = controls();
    if (injections.length === 0) return undefined;
    const struck = standingInjections(injections, clock.wallMs()).filter(
      (injection) => isFor(injection, operation) && random.unit() * 100 < injection.percent,
    );
    if (struck.length === 0) return undefined;
    const status = struck.find((injection) => injection.status !== undefined)?.status;
    return {
      ids: struck.map(({ id }) => id).join(', '),
      latencyMs: struck.reduce((sum, { latencyMs = 0 }) => sum + latencyMs, 0),
      ...(status === undefined ? {} : { refusal: { code: refusals[status] } }),
    };
  }
}

function isFor({ route }: Injection, operation: OperationName): boolean {
  return route === everyRoute || route === operation;
}
