// Stands in for a load balancer's health check: gateways share one port, and the kernel keeps giving new connections to one that
// hangs. So each gateway's own port is probed, and one that is silent for 2 s is killed; the supervisor starts it again.
import { Agent, get } from 'node:https';
import type { Clock } from '@zonehold/primitives';
import { loopback } from '../region/settings-files.ts';
import { SilenceWatch } from './silence.ts';
import type { SupervisedProcess } from './supervised-process.ts';

/** Shared architecture, "Edge and region". */
const probeEveryMs = 500;
/** How often silence is judged; adds at most this to the 2 s. */
const judgeEveryMs = 100;
/** Probes wait this long; a busy gateway may answer late, and any answer within the 2 s counts. */
const probeTimeoutMs = 1_900;

/** Begins to watch. `onHung` is told just before a gateway is killed. The result ends it. */
export function watchGateways(options: {
  readonly gateways: readonly SupervisedProcess[];
  readonly ca: string;
  readonly clock: Clock;
  readonly onHung: (zone: string) => void;
}): () => void {
  const { gateways, ca, clock, onHung } = options;
  // Connections are kept: a handshake costs both sides milliseconds. A gateway that hangs is silent on old ones too.
  const agent = new Agent({ ca, keepAlive: true });
  const watches = gateways.map((gateway) => ({ gateway, watch: new SilenceWatch() }));
  const probing = setInterval(() => {
    for (const { gateway, watch } of watches) {
      const { pid } = gateway;
      if (pid !== undefined) probe(gateway, agent, () => watch.heard(pid, clock.monotonicMs()));
    }
  }, probeEveryMs);
  const judging = setInterval(() => {
    for (const { gateway, watch } of watches) {
      const { pid } = gateway;
      if (pid === undefined || !watch.isHung(pid, clock.monotonicMs())) continue;
      onHung(gateway.plan.zone);
      gateway.killHung();
    }
  }, judgeEveryMs);
  return () => {
    clearInterval(probing);
    clearInterval(judging);
    agent.destroy();
  };
}

/** Any HTTP answer is a sign of life; what it says is the gateway's matter. */
function probe(gateway: SupervisedProcess, agent: Agent, heard: () => void): void {
  const request = get(
    {
      host: loopback,
      port: gateway.plan.ports['zone'],
      path: '/livez',
      agent,
      timeout: probeTimeoutMs,
    },
    (response) => {
      heard();
      response.resume();
    },
  );
  request.on('timeout', () => request.destroy());
  request.on('error', () => undefined);
}
