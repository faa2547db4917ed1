// ETags of registrations, and what If-Match says of them (reference §1.2, §1.10): weak tags, compared weakly. Pure.
import type { WantedRevisions } from '@zonehold/key-domain';

const entityTag = /^(?:W\/)?"([\x21\x23-\x7e]*)"$/;
const ownTag = /^[1-9]\d{0,14}$/;

/** The tag of one state of a registration. */
export function etagOf(revision: number): string {
  return `W/"${revision}"`;
}

/** The revisions that an If-Match header wants; those of other makers match nothing. Undefined when it is malformed. */
export function parseIfMatch(header: string): WantedRevisions | undefined {
  if (header.trim() === '*') return 'any';
  const revisions: number[] = [];
  for (const part of header.split(',')) {
    const opaque = entityTag.exec(part.trim())?.[1];
    if (opaque === undefined) return undefined;
    if (ownTag.test(opaque)) revisions.push(Number(opaque));
  }
  return revisions;
}
