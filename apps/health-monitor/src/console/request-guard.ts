// Who may speak to the console at all: a browser's page of this very origin, under a name of loopback. Pure. The session says who it
// is; this says that no other page speaks in its name (cross-site requests, DNS rebinding).

/** The parts of a request that browsers set themselves, which no page can forge. */
export interface GuardedRequest {
  readonly method: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** `Sec-Fetch-Site`, which older browsers and programs do not send. */
  readonly fetchSite: string | undefined;
  readonly contentType: string | undefined;
}

export interface GuardRefusal {
  readonly status: 403 | 415;
  readonly reason: string;
}

/**
 * Why a request is not for the console; undefined when it may go on. A port may be any: people come through tunnels. A name may not: one that
 * an attacker's DNS points at loopback is an origin of the attacker's.
 */
export function refusalOf(request: GuardedRequest): GuardRefusal | undefined {
  const { method, host, origin, fetchSite, contentType } = request;
  if (host === undefined || !isLoopback(host))
    return { status: 403, reason: 'The console is reached as localhost or 127.0.0.1 only.' };
  const isChange = method !== 'GET' && method !== 'HEAD';
  const isForeign = origin === undefined ? isChange : origin !== `http://${host}`;
  const isForeignFetch = isChange && fetchSite !== undefined && fetchSite !== 'same-origin';
  if (isForeign || isForeignFetch)
    return { status: 403, reason: "Only the console's own page may ask for this." };
  if (isChange && contentType?.split(';')[0]?.trim().toLowerCase() !== 'application/json')
    return { status: 415, reason: 'The body has to be application/json.' };
  return undefined;
}

function isLoopback(host: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i.test(host);
}
