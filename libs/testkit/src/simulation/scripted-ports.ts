// Ports whose messages a test directs one by one: deliver, lose the request, lose the reply, or hold it for later. For
// schedules that chance does not find.
import type { AcceptorPort, PortSource, UnreachableReply } from '@zonehold/caspaxos';
import type { WrapPort } from './host-ports.ts';

/** `hold`: delivered later, to nobody's use. `delay`: the sender waits for the answer until it is released. */
export type Fate = 'deliver' | 'lose-request' | 'lose-reply' | 'hold' | 'delay';
export type MessageKind = 'read' | 'prepare' | 'accept' | 'install';
/** Decides each message as it leaves. */
export type Script = (kind: MessageKind, zone: string) => Fate;

const lost: UnreachableReply = { kind: 'unreachable', wasSent: true, reason: 'lost by the script' };

/** One process's ports under a script that can be changed at any time. */
export class ScriptedPorts {
  script: Script = () => 'deliver';
  readonly ports: PortSource;
  readonly #held: (() => Promise<unknown>)[] = [];

  /** `open` makes the process's ports, each wrapped as it says. */
  constructor(open: (wrap: WrapPort) => PortSource) {
    this.ports = open((port) => this.#scripted(port));
  }

  /** Delivers what was held, in order; nobody waits for its replies any more. */
  async release(): Promise<void> {
    for (const deliver of this.#held.splice(0)) await deliver();
  }

  #scripted(port: AcceptorPort): AcceptorPort {
    return {
      zone: port.zone,
      read: async (ids, stamp, timeoutMs) =>
        (await this.#send('read', port.zone, () => port.read(ids, stamp, timeoutMs))) ??
        ids.map(() => lost),
      prepare: async (request, timeoutMs) =>
        (await this.#send('prepare', port.zone, () => port.prepare(request, timeoutMs))) ?? lost,
      accept: async (request, timeoutMs) =>
        (await this.#send('accept', port.zone, () => port.accept(request, timeoutMs))) ?? lost,
      list: (...call) => port.list(...call),
      scan: (...call) => port.scan(...call),
      install: async (expected, next, timeoutMs) =>
        (await this.#send('install', port.zone, () => port.install(expected, next, timeoutMs))) ??
        lost,
      standing: () => port.standing(),
      close: () => port.close(),
    };
  }

  async #send<Reply>(
    kind: MessageKind,
    zone: string,
    deliver: () => Promise<Reply>,
  ): Promise<Reply | undefined> {
    switch (this.script(kind, zone)) {
      case 'deliver':
        return deliver();
      case 'lose-reply':
        await deliver();
        return undefined;
      case 'hold':
        this.#held.push(deliver);
        return undefined;
      case 'delay':
        return new Promise((resolve) => {
          this.#held.push(async () => resolve(await deliver()));
        });
      case 'lose-request':
        return undefined;
    }
  }
}
