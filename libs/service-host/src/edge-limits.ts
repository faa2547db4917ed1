// The limits of the client-facing HTTP edge, in one place, each with where it comes from. Applied by the gateway; the ops
// server uses the connection limits too.

/**
 * What one tenant may use when the settings say nothing else (docs/limits.md). Rates are for the region: each gateway gives its share.
 * `instance`: a gateway of three gives 4,000 a second, about what one process can do at all: the rate is for operators to lower, and
 * until they do it is the places that keep one tenant from taking all. `credential`: for requests to instances that are not known
 * to serve it: its first ones, and those of a stranger.
 */
export const tenantLimitDefaults = {
  instance: { requestsPerSecond: 12_000, burst: 24_000, inFlightMax: 256 },
  credential: { requestsPerSecond: 600, burst: 3_000, inFlightMax: 128 },
} as const;

export const edgeLimits = {
  /**
   * A request body. The largest well-formed one is an unwrap or rewrap: 255 AAD strings of 255 characters (Key Protect limits,
   * reference section 23), at most 4 UTF-8 bytes or 6 JSON-escaped bytes each, and a ciphertext: under 512 KiB.
   */
  bodyMaxBytes: 512 * 1024,
  /** Node's own default is 16 KiB; a bearer token of ours is under 2 KiB. */
  headersMaxBytes: 16 * 1024,
  /** Where Node's parser gives up. Up to it a head that is too large is refused like any other request. */
  headersParsedMaxBytes: 64 * 1024,
  /** Far more than any SDK sends (under 20); refuses header floods. */
  headersMaxCount: 100,
  /** A client that has not sent its head by then holds a socket for nothing (slow-loris). Node's default is 60 s. */
  headersTimeoutMs: 10_000,
  /** Head and body. Over mobile links 512 KiB may take some seconds. */
  requestTimeoutMs: 30_000,
  /** Longer than the idle time of usual balancers (60 s), so that they close first and never race with us. */
  keepAliveTimeoutMs: 65_000,
  /** A TLS handshake that takes longer is not a client's. */
  handshakeTimeoutMs: 10_000,
  /** A trusted balancer writes its PROXY header at once. Less than a drain takes. */
  proxyHeaderTimeoutMs: 2_000,
  /** Per process: about 40 KiB each with TLS, 400 MiB at worst. A guess that fits two cores. */
  connectionsMax: 10_000,
  /** Time of a data-plane request (wrap, unwrap, get); mesh reference B4: 2 s. */
  requestDeadlineMs: 2_000,
  /** Time of a change or an administrative request; mesh reference B4: 5 s. */
  changeDeadlineMs: 5_000,
  /**
   * Time of a list, and of one attempt at it. A page has up to 5,000 keys, each read from a majority, and a key-manager that just started
   * reads the whole list first (docs/listing.md). A zone that hangs is told by its silence, long before.
   */
  listDeadlineMs: 10_000,
  listAttemptMs: 4_000,
  /**
   * Time of a change that may have to wait for an RSA key pair: about a second each, and up to eight wait for theirs. Half of what the
   * Go SDK waits for an answer (reference §25 no. 2).
   */
  keyPairDeadlineMs: 15_000,
  /** Requests in progress in one gateway before it sheds with 429. Four times the concurrency at which two cores are full. */
  inFlightMax: 1_024,
} as const;
