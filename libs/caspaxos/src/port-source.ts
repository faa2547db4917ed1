// Where a store gets its ports: one for each acceptor of its configuration. A new incarnation or address is another acceptor,
// and another port. Makes no configuration and decides nothing.
import type { AcceptorPort, ConfiguredAcceptor, SignedConfiguration } from './acceptor-port.ts';

/** What an acceptor showed outside of a refusal: how a process with an old topology finds the newest configuration. */
export type ConfigurationShown = (shown: SignedConfiguration, zone: string) => void;

/** Made once per store, and closed with it. */
export interface PortSource {
  /** The zones of the region, whether they have a voter or not. */
  readonly zones: readonly string[];
  /**
   * The port to exactly this acceptor; the same object while it stays the same acceptor. The port to an earlier acceptor
   * of the zone is closed. Undefined when nothing is known of the zone.
   */
  portTo(acceptor: ConfiguredAcceptor): AcceptorPort | undefined;
  /** The port to whatever a zone was last known to have; for its standing. */
  lastOf(zone: string): AcceptorPort | undefined;
  /** Calls `shown` from now on. One listener: the store. */
  listen(shown: ConfigurationShown): void;
  close(): Promise<void>;
}

/** Ports that stay what they are, matched by zone: for regions whose acceptors never change. */
export function fixedPorts(ports: readonly AcceptorPort[]): PortSource {
  const byZone = new Map(ports.map((port) => [port.zone, port]));
  return {
    zones: [...byZone.keys()],
    portTo: ({ zone }) => byZone.get(zone),
    lastOf: (zone) => byZone.get(zone),
    listen: () => undefined,
    close: async () => {
      await Promise.all(ports.map((port) => port.close()));
    },
  };
}
