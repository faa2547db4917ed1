// Asks a gateway the way clients do: HTTPS on the zone's own port, the certificate checked against the region's authority.
// Its readiness is asked on the ops port, which may be closed to other hosts: only an answer from there counts.
import { Agent as HttpAgent, get as httpGet, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, get as httpsGet, type RequestOptions } from 'node:https';
import type { Deadline } from '@zonehold/primitives';
import { noAnswer, wellFound, type Finding, type ProbePoint } from '../probe.ts';

/** The ops page of a gateway is a few hundred bytes. */
const bodyMaxBytes = 16 * 1024;

export interface GatewayAddress {
  readonly host: string;
  readonly port: number;
  readonly opsPort: number;
}

export type Answer =
  | { readonly kind: 'answer'; readonly status: number; readonly body: string }
  | { readonly kind: 'late' }
  | { readonly kind: 'broken'; readonly code: string };

/** A probe of the gateway of `zone`. Connections are kept between probes: a handshake each time costs both sides 2 ms. */
export function gatewayProbe(zone: string, address: GatewayAddress, ca: string): ProbePoint {
  const secure = new HttpsAgent({ keepAlive: true, maxSockets: 1, ca, minVersion: 'TLSv1.2' });
  const plain = new HttpAgent({ keepAlive: true, maxSockets: 1 });
  const { host, port, opsPort } = address;
  return {
    zone,
    target: 'gateway',
    look: async (deadline) => {
      const [live, ready] = await Promise.all([
        ask(httpsGet, { agent: secure, host, port, path: '/livez' }, deadline),
        ask(httpGet, { agent: plain, host, port: opsPort, path: '/readyz' }, deadline),
      ]);
      return judgeGateway(live, ready);
    },
  };
}

function judgeGateway(live: Answer, ready: Answer): Finding {
  if (live.kind === 'late') return noAnswer;
  if (live.kind === 'broken') return judgeBroken(live.code);
  if (live.status !== 200)
    return { verdict: 'unwell', reason: `It answers /livez with ${live.status}.` };
  if (ready.kind === 'answer' && ready.status !== 200)
    return { verdict: 'unwell', reason: notReady(ready.body) };
  return wellFound;
}

/** Errors of the TLS handshake are an answer by somebody; errors of the socket are none. */
function judgeBroken(code: string): Finding {
  const isSocket = ['ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'ENETUNREACH', 'EPIPE'].includes(
    code,
  );
  return isSocket
    ? { verdict: 'refused', reason: `No connection can be made (${code}).` }
    : { verdict: 'unwell', reason: `Its TLS or HTTP is not sound (${code}).` };
}

function notReady(body: string): string {
  try {
    const { reasons } = JSON.parse(body) as { reasons?: unknown };
    if (Array.isArray(reasons) && reasons.length > 0) return reasons.map(String).join(' ');
  } catch {
    // Not JSON: the status alone has to do.
  }
  return 'It is not ready and does not say why.';
}

/** One GET, with its own deadline. Never rejects. */
export function ask(
  get: typeof httpsGet,
  options: RequestOptions,
  deadline: Deadline,
): Promise<Answer> {
  return new Promise((resolve) => {
    const request = get(options, (response) => {
      void collect(response).then((body) =>
        end({ kind: 'answer', status: response.statusCode ?? 0, body }),
      );
    });
    const timer = setTimeout(() => end({ kind: 'late' }), Math.max(deadline.remainingMs(), 0));
    request.once('error', (error: NodeJS.ErrnoException) =>
      end({ kind: 'broken', code: error.code ?? error.message }),
    );
    const end = (answer: Answer): void => {
      clearTimeout(timer);
      resolve(answer);
      // A request that is late or broken leaves no connection behind; an answered one keeps it for the next probe.
      if (answer.kind !== 'answer') request.destroy();
    };
  });
}

/** The text, cut at the limit. A broken response ends the text where it broke. */
async function collect(response: IncomingMessage): Promise<string> {
  let body = '';
  response.setEncoding('utf8');
  try {
    for await (const chunk of response) if (body.length < bodyMaxBytes) body += String(chunk);
  } catch {
    return body;
  }
  return body;
}
