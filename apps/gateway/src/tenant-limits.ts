// How much of a gateway one tenant may use: requests a second, and requests at once (docs/limits.md). Pure: time comes with each
// question. It says nothing about rights: who counts for an instance is learned from what key-managers answer, and forgotten
// with it, so that nobody spends what belongs to an instance where he has no right.
import { RecentEntries } from './recent-entries.ts';

/** Of an instance, or of a credential that no instance is known to serve. */
export interface AccountLimits {
  /** In the whole region. */
  readonly requestsPerSecond: number;
  /** What may come at once after a rest, in the whole region. */
  readonly burst: number;
  /** At once, in one gateway. */
  readonly inFlightMax: number;
}

export interface TenantLimitsOptions {
  readonly instance: AccountLimits;
  readonly credential: AccountLimits;
  /** How many gateways the region's requests are spread over: each gives its share. */
  readonly gateways: () => number;
  readonly accountsMax?: number;
}

/** Enough for every tenant that is at work; about 300 bytes each. */
const accountsMaxDefault = 10_000;
/** As many grants as an instance has. */
const membersMax = 1_000;

/** What is counted together: a bucket of tokens, and the requests under way. */
interface Account {
  tokens: number;
  filledAtMs: number;
  inFlight: number;
  /** The credentials that the instance served; none for the account of a credential. */
  readonly members: Set<string>;
}

export type LimitName = 'instance' | 'credential';
export type LimitReason = `${LimitName}-rate` | `${LimitName}-in-flight`;

/** A place taken; `leave` gives it back. */
export interface Place {
  readonly account: Account;
  readonly credentialId: string;
  readonly instanceId: string | undefined;
}

export type Admission =
  | { readonly ok: true; readonly place: Place }
  | { readonly ok: false; readonly reason: LimitReason; readonly retryAfterMs: number };

/** When a request is tried again that found no place: places come back in milliseconds, but not all clients at once. */
const fullRetryMs = 1_000;

export class TenantLimits {
  readonly #options: TenantLimitsOptions;
  readonly #instances: RecentEntries<Account>;
  readonly #credentials: RecentEntries<Account>;

  constructor(options: TenantLimitsOptions) {
    const { accountsMax = accountsMaxDefault } = options;
    this.#options = options;
    this.#instances = new RecentEntries(accountsMax);
    this.#credentials = new RecentEntries(accountsMax);
  }

  /** Takes a place and a token for a request, or says how long to wait. `instanceId` is what the client says it is. */
  admit(credentialId: string, instanceId: string | undefined, nowMs: number): Admission {
    const known = instanceId === undefined ? undefined : this.#instances.get(instanceId);
    const name = known?.members.has(credentialId) === true ? 'instance' : 'credential';
    const limits = this.#options[name];
    const account =
      known !== undefined && name === 'instance' ? known : this.#newcomer(credentialId, nowMs);
    if (account.inFlight >= limits.inFlightMax) {
      return { ok: false, reason: `${name}-in-flight`, retryAfterMs: fullRetryMs };
    }
    const retryAfterMs = takeToken(account, limits, this.#options.gateways(), nowMs);
    if (retryAfterMs > 0) return { ok: false, reason: `${name}-rate`, retryAfterMs };
    account.inFlight += 1;
    return { ok: true, place: { account, credentialId, instanceId } };
  }

  /**
   * Gives a place back, once, with what the answer told: whether the instance serves the credential. Undefined: nobody could say.
   */
  leave({ account, credentialId, instanceId }: Place, isMember?: boolean): void {
    account.inFlight -= 1;
    if (instanceId === undefined || isMember === undefined) return;
    const instance = this.#instances.get(instanceId);
    if (!isMember) instance?.members.delete(credentialId);
    else if (instance === undefined) {
      const { filledAtMs } = account;
      this.#instances.set(instanceId, this.#full('instance', filledAtMs, [credentialId]));
    } else if (!instance.members.has(credentialId)) {
      if (instance.members.size >= membersMax) instance.members.clear();
      instance.members.add(credentialId);
    }
  }

  #newcomer(credentialId: string, nowMs: number): Account {
    const known = this.#credentials.get(credentialId);
    if (known !== undefined) return known;
    const account = this.#full('credential', nowMs);
    this.#credentials.set(credentialId, account);
    return account;
  }

  #full(name: LimitName, nowMs: number, members: readonly string[] = []): Account {
    const tokens = this.#options[name].burst / this.#options.gateways();
    return { tokens, filledAtMs: nowMs, inFlight: 0, members: new Set(members) };
  }
}

/** 0 when there was one; else the time until there will be. A share of less than one token would never give one. */
function takeToken(
  account: Account,
  { requestsPerSecond, burst }: AccountLimits,
  gateways: number,
  nowMs: number,
): number {
  const tokensPerMs = requestsPerSecond / gateways / 1_000;
  const tokensMax = Math.max(1, burst / gateways);
  const grown = account.tokens + (nowMs - account.filledAtMs) * tokensPerMs;
  account.tokens = Math.min(tokensMax, grown);
  account.filledAtMs = nowMs;
  if (account.tokens < 1) return (1 - account.tokens) / tokensPerMs;
  account.tokens -= 1;
  return 0;
}
