// What the list of an instance holds of each key: enough to select, sort and count without reading the key.
// The page's records themselves are read by majority; nothing here grants or refuses anything.
import { keyStates, type Key, type KeyState } from './key.ts';
import { rotationDueAtMs } from './rotation-date.ts';

/** In place of a date that will not come. A number, and short: each line of a list holds it. */
export const neverMs = 0;

/** A key as the list knows it. Times in epoch milliseconds. */
export interface KeySummary {
  readonly state: KeyState;
  readonly keyRingId: string;
  /** Absent for `default`. */
  readonly keyRingNumber?: number;
  readonly isExtractable: boolean;
  readonly isImported: boolean;
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly lastRotatedAtMs?: number;
  readonly deletedAtMs?: number;
  readonly expiresAtMs?: number;
  /** When its policy rotates it next; `neverMs` without one. Absent: written before lists held this. */
  readonly rotatesAtMs?: number;
}

/** Short member names: every accepted ballot of a key writes this text once more. */
interface PackedSummary {
  readonly s: KeyState;
  readonly r: string;
  readonly g?: number;
  readonly e: 0 | 1;
  readonly i: 0 | 1;
  readonly n: string;
  readonly a?: readonly string[];
  readonly c: number;
  readonly u: number;
  readonly o?: number;
  readonly d?: number;
  readonly x?: number;
  readonly t?: number;
}

/** The summary of a key. */
export function summaryOf(key: Key): KeySummary {
  return {
    state: key.state,
    keyRingId: key.keyRingId,
    ...(key.keyRingNumber === undefined ? {} : { keyRingNumber: key.keyRingNumber }),
    isExtractable: key.isExtractable,
    isImported: key.isImported,
    name: key.name,
    ...(key.aliases === undefined ? {} : { aliases: key.aliases }),
    createdAtMs: key.createdAtMs,
    updatedAtMs: key.updatedAtMs,
    ...(key.lastRotatedAtMs === undefined ? {} : { lastRotatedAtMs: key.lastRotatedAtMs }),
    ...(key.deletedAtMs === undefined ? {} : { deletedAtMs: key.deletedAtMs }),
    ...(key.expiresAtMs === undefined ? {} : { expiresAtMs: key.expiresAtMs }),
    rotatesAtMs: rotationDueAtMs(key) ?? neverMs,
  };
}

/** The text the register's list keeps. */
export function packSummary(summary: KeySummary): string {
  const packed: PackedSummary = {
    s: summary.state,
    r: summary.keyRingId,
    ...(summary.keyRingNumber === undefined ? {} : { g: summary.keyRingNumber }),
    e: summary.isExtractable ? 1 : 0,
    i: summary.isImported ? 1 : 0,
    n: summary.name,
    ...(summary.aliases === undefined ? {} : { a: summary.aliases }),
    c: summary.createdAtMs,
    u: summary.updatedAtMs,
    ...(summary.lastRotatedAtMs === undefined ? {} : { o: summary.lastRotatedAtMs }),
    ...(summary.deletedAtMs === undefined ? {} : { d: summary.deletedAtMs }),
    ...(summary.expiresAtMs === undefined ? {} : { x: summary.expiresAtMs }),
    ...(summary.rotatesAtMs === undefined ? {} : { t: summary.rotatesAtMs }),
  };
  return JSON.stringify(packed);
}

/** Reads what `packSummary` wrote; undefined for anything else (a list entry is not authenticated as the record is). */
export function unpackSummary(text: string): KeySummary | undefined {
  const packed = parsePacked(text);
  if (packed === undefined) return undefined;
  return {
    state: packed.s,
    keyRingId: packed.r,
    ...(packed.g === undefined ? {} : { keyRingNumber: packed.g }),
    isExtractable: packed.e === 1,
    isImported: packed.i === 1,
    name: packed.n,
    ...(packed.a === undefined ? {} : { aliases: packed.a }),
    createdAtMs: packed.c,
    updatedAtMs: packed.u,
    ...(packed.o === undefined ? {} : { lastRotatedAtMs: packed.o }),
    ...(packed.d === undefined ? {} : { deletedAtMs: packed.d }),
    ...(packed.x === undefined ? {} : { expiresAtMs: packed.x }),
    ...(packed.t === undefined ? {} : { rotatesAtMs: packed.t }),
  };
}

const isTime = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value);
const isAbsentOrTime = (value: unknown): boolean => value === undefined || isTime(value);
const isAbsentOrNumber = (value: unknown): boolean =>
  value === undefined || typeof value === 'number';

function parsePacked(text: string): PackedSummary | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const member = value as Readonly<Record<keyof PackedSummary, unknown>>;
  const isWhole =
    keyStates.some((state) => state === member.s) &&
    typeof member.r === 'string' &&
    isAbsentOrNumber(member.g) &&
    typeof member.n === 'string' &&
    (member.a === undefined || isStringArray(member.a)) &&
    isTime(member.c) &&
    isTime(member.u) &&
    [member.o, member.d, member.x, member.t].every(isAbsentOrTime);
  return isWhole ? (value as PackedSummary) : undefined;
}

function isStringArray(value: unknown): boolean {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
}
