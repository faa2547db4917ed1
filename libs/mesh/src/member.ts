// One endpoint as a balancer knows it.
import type { ZoneCandidate } from './locality.ts';
import { Outlier, type OutlierPolicy } from './outlier.ts';
import { PeakEwma } from './peak-ewma.ts';

/** What the balancer asks of an endpoint. */
export interface BalancedEndpoint {
  readonly zone: string;
  /** It has a link. */
  readonly isUp: boolean;
  /** Its circuit lets a call through. */
  readonly isPassable: boolean;
}

/** One endpoint and what this client knows of it. */
export class Member<Endpoint extends BalancedEndpoint> implements ZoneCandidate {
  readonly endpoint: Endpoint;
  readonly outlier: Outlier;
  /** Of all endpoints of the zone together: each alone may see too few calls to tell. Its own where it is the only one. */
  zoneOutlier: Outlier;
  readonly latency = new PeakEwma();
  inFlight = 0;
  hasBeenUp = false;
  isDrained = false;
  downSinceMs: number | undefined;

  constructor(endpoint: Endpoint, policy: OutlierPolicy) {
    this.endpoint = endpoint;
    this.outlier = new Outlier(policy);
    this.zoneOutlier = this.outlier;
  }

  get zone(): string {
    return this.endpoint.zone;
  }

  get isUp(): boolean {
    return this.endpoint.isUp;
  }

  get isFit(): boolean {
    return this.endpoint.isUp && this.endpoint.isPassable && !this.isEjected;
  }

  get isEjected(): boolean {
    return this.outlier.isEjected || this.zoneOutlier.isEjected;
  }

  get isAlone(): boolean {
    return this.outlier === this.zoneOutlier;
  }
}
