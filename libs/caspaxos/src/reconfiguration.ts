// From one configuration to the next: decided in a register under the old one, then installed on its members. Which
// configuration comes next is the rebuild's matter (rebuild/); that only one can, is this file's.
import { KmsError, type Deadline } from '@zonehold/primitives';
import type { Authenticator, Configuration, ConfiguredAcceptor, Stamp } from './acceptor-port.ts';
import {
  blankStamp,
  canonicalText,
  epochOf,
  signConfiguration,
  verifyConfiguration,
} from './configuration.ts';
import type { CurrentConfiguration, Membership } from './membership.ts';
import type { PortSource } from './port-source.ts';
import type { Decision, RegisterId, RegisterStore } from './register-store.ts';

/** Holds the canonical text of the configuration that was decided last; empty during epoch 1. */
export const configurationRegister: RegisterId = { scope: 'region', name: 'configuration' };

/** What reconfiguring needs of its store. */
export interface ReconfigurationContext {
  readonly membership: Membership;
  readonly ports: PortSource;
  readonly authenticator: Authenticator;
  readonly change: RegisterStore['change'];
  readonly installTimeoutMs: number;
}

/** See the head of the file. */
export class Reconfiguration {
  readonly #context: ReconfigurationContext;

  constructor(context: ReconfigurationContext) {
    this.#context = context;
  }

  /** See RegisterStore.reconfigure. */
  async decide(
    from: Stamp,
    next: Configuration,
    deadline: Deadline,
  ): Promise<CurrentConfiguration> {
    const current = this.#context.membership.current();
    if (current.stamp !== from || next.epoch !== current.members.epoch + 1) return current;
    const fromText = current.configuration.text;
    const nextText = canonicalText(next);
    // Epoch 1 is not in the register: then it must be empty.
    const isExpected = (text: string | null): boolean =>
      text === null ? current.members.epoch === 1 : text === fromText;
    const { result } = await this.#context.change<string>(
      configurationRegister,
      (text): Decision<string> =>
        isExpected(text)
          ? { kind: 'write', value: nextText, summary: null, result: nextText }
          : { kind: 'keep', result: text ?? fromText },
      deadline,
    );
    return this.#adoptDecided(result);
  }

  /** See RegisterStore.learnDecided. */
  async learnDecided(deadline: Deadline): Promise<CurrentConfiguration> {
    const { result } = await this.#context.change<string | null>(
      configurationRegister,
      (text) => ({ kind: 'keep', result: text }),
      deadline,
    );
    return result === null ? this.#context.membership.current() : this.#adoptDecided(result);
  }

  /** A decided text is signed by whoever reads it: the register authenticates it. */
  #adoptDecided(text: string): CurrentConfiguration {
    const { authenticator, membership } = this.#context;
    const configuration = JSON.parse(text) as Configuration;
    const verified = verifyConfiguration(
      signConfiguration(configuration, authenticator),
      authenticator,
    );
    if (verified === undefined) throw new KmsError('INTEGRITY', 'a decided configuration is bad');
    membership.adopt(verified);
    return membership.current();
  }

  /** See RegisterStore.install. */
  async install(deadline: Deadline): Promise<readonly string[]> {
    const { members } = this.#context.membership.current();
    const all = members.learner === null ? members.voters : [...members.voters, members.learner];
    const missing = await Promise.all(
      all.map(async (member) => ((await this.#installOn(member, deadline)) ? [] : [member.zone])),
    );
    return missing.flat();
  }

  /** Tries the stamps that a member may have: the present one, the one before, and none. */
  async #installOn(member: ConfiguredAcceptor, deadline: Deadline): Promise<boolean> {
    const { membership, ports, authenticator, installTimeoutMs } = this.#context;
    const { stamp, configuration } = membership.current();
    const port = ports.portTo(member);
    if (port === undefined) return false;
    const timeoutMs = (): number => Math.max(1, Math.min(installTimeoutMs, deadline.remainingMs()));
    const first = await port.install(blankStamp, { stamp, configuration }, timeoutMs());
    if (first.kind !== 'refused' || first.configuration === undefined) {
      return first.kind === 'installed';
    }
    const shown = verifyConfiguration(first.configuration, authenticator);
    if (shown === undefined || epochOf(shown.stamp) !== (epochOf(stamp) ?? 0) - 1) {
      membership.learnFrom(first, member.zone);
      return false;
    }
    const second = await port.install(shown.stamp, { stamp, configuration }, timeoutMs());
    return second.kind === 'installed';
  }
}
