// One voter's side of a mirrored list: follows the voter's change log, page by page, for whoever waits. Callers share a
// question, but only one that leaves after they came: an answer already under way may be older than their call.
import type {
  AcceptorPort,
  ListReply,
  RefusedReply,
  Stamp,
  UnreachableReply,
} from './acceptor-port.ts';
import type { StoreLimits } from './limits.ts';
import type { ListMirror } from './list-mirror.ts';

/** `fresh`: the mirror holds all that this voter had accepted when the caller came. */
export type SideReply =
  { readonly kind: 'fresh'; readonly side: number } | RefusedReply | UnreachableReply;

export interface SideOptions {
  readonly side: number;
  readonly port: AcceptorPort;
  readonly mirror: ListMirror;
  readonly limits: StoreLimits;
  /** The mirror took a page. */
  grown(): void;
}

interface Rider {
  readonly stamp: Stamp;
  readonly resolve: (reply: SideReply) => void;
}

/** See the head of the file. */
export class ListSide {
  readonly #options: SideOptions;
  /** All that the voter's log holds up to here is in the mirror. */
  #throughSeq = 0;
  #lineCount = 0;
  /** In the order they came. */
  readonly #waiting: Rider[] = [];
  #isAsking = false;
  #isBroken = false;

  constructor(options: SideOptions) {
    this.#options = options;
  }

  /**
   * The voter's sequence was once below what it had shown before. Its port should have noticed first; what it writes from
   * then on may stand in its log below what we have read of it, so it is never again believed in this mirror.
   */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** Asks the voter what is new, under `stamp`. Each page has its own timeout; a long list takes several. */
  refresh(stamp: Stamp): Promise<SideReply> {
    return new Promise((resolve) => {
      this.#waiting.push({ stamp, resolve });
      if (!this.#isAsking) void this.#ask();
    });
  }

  async #ask(): Promise<void> {
    const { port, mirror, limits } = this.#options;
    this.#isAsking = true;
    for (;;) {
      // Those who come while this page is under way wait for the next one.
      const riderCount = this.#waiting.length;
      const last = this.#waiting.at(-1);
      if (last === undefined) break;
      // Epochs only rise: the stamp of who came last is the newest.
      const { stamp } = last;
      const { scope } = mirror;
      const { listChangesMax: changesMax, phaseTimeoutMs } = limits;
      const sinceSeq = this.#throughSeq;
      const reply = await port.list({ scope, stamp, sinceSeq, changesMax }, phaseTimeoutMs);
      const outcome = this.#take(reply);
      if (outcome === 'more') continue;
      for (const rider of this.#waiting.splice(0, riderCount)) {
        const isOfItsEpoch = rider.stamp === stamp || outcome.kind !== 'fresh';
        rider.resolve(isOfItsEpoch ? outcome : otherEpoch);
      }
    }
    this.#isAsking = false;
  }

  #take(reply: ListReply): SideReply | 'more' {
    if (reply.kind !== 'list') return reply;
    const { mirror, side, limits } = this.#options;
    const { changes, throughSeq, isComplete } = reply;
    this.#isBroken ||= throughSeq < this.#throughSeq;
    if (this.#isBroken) return unusable('the sequence of the acceptor went back');
    // Without progress this would go on for ever; without a bound one liar could fill our memory.
    if (!isComplete && throughSeq === this.#throughSeq) return unusable('a page without progress');
    if (this.#lineCount + changes.length > limits.listNamesMax)
      return unusable('the list is longer than this process can hold');
    this.#lineCount += mirror.apply(side, changes);
    this.#throughSeq = throughSeq;
    this.#options.grown();
    return isComplete ? { kind: 'fresh', side } : 'more';
  }
}

function unusable(reason: string): UnreachableReply {
  return { kind: 'unreachable', wasSent: true, reason };
}

const otherEpoch = unusable('another epoch has begun meanwhile');
