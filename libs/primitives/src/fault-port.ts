// Where faults on purpose may take hold of messages. Whoever sends or receives asks a FaultEdge about each; what the rules are,
// and who made them, it does not know. Without a port (that is how regions run) there is nothing to ask.
import type { KmsError } from './errors.ts';

/** A message on one edge between this process and a peer. */
export interface PassingMessage {
  readonly direction: 'out' | 'in';
  readonly leg: 'request' | 'reply';
  /** What is asked for; `ping` and `connect` where a link speaks of itself. */
  readonly route: string;
  readonly bytes: number;
}

/** What may become of a message; at most one of these is called, at once or later, and none when it vanishes. */
export interface MessageExits {
  deliver(): void;
  /** The connection breaks. */
  cut(reason: string): void;
  /** A request is answered with a failure that the peer never made. Without it such a message is delivered. */
  fail?(error: KmsError): void;
}

/** One connection between this process and a peer, for its life. */
export interface FaultEdge {
  pass(message: PassingMessage, exits: MessageExits): void;
  /** The connection is gone, and with it what was held back. */
  close(): void;
}

export interface FaultPort {
  edge(peer: { readonly zone: string; readonly service: string }): FaultEdge;
}
