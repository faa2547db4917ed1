// What a rebuild needs of the disk behind one zone's acceptor, besides the acceptor's port: looking at what is there, whoever
// it belongs to, and giving it an identity. Answers are data; nothing here erases.
import type { AcceptorAddress, InstallReply, UnreachableReply } from '../acceptor-port.ts';
import type { SeenAcceptor } from '../acceptor.ts';

/**
 * What is there now. `unsafe`: settings under which nothing may be trusted to it. `held`: it bears an identity, of ours or
 * not, under this stamp.
 */
export type DiskLook =
  | { readonly kind: 'unreachable'; readonly reason: string }
  | { readonly kind: 'unsafe'; readonly reason: string }
  | { readonly kind: 'empty' }
  | (SeenAcceptor & { readonly kind: 'held' });

/** One zone's disk at one address. Every call is bounded by `timeoutMs`. */
export interface ZoneDisk {
  look(timeoutMs: number): Promise<DiskLook>;
  /** Gives an EMPTY disk the identity `self` and the blank stamp. */
  format(self: string, timeoutMs: number): Promise<InstallReply | UnreachableReply>;
  /** See `reincarnate` in acceptor.ts. */
  reincarnate(
    seen: SeenAcceptor,
    nextSelf: string,
    timeoutMs: number,
  ): Promise<InstallReply | UnreachableReply>;
  /** Rewrites the log, so that what was overwritten leaves it; resolves when that has begun. */
  rewriteLog(timeoutMs: number): Promise<void>;
}

/** The disks of a region. */
export interface ZoneDisks {
  /** The disk of `zone` at `address`, or where the region was formed with it. */
  at(zone: string, address: AcceptorAddress | undefined): ZoneDisk;
}
