// CRNs of the cloud resources that a root key protects, and the patterns that look for them (reference §1.9, §11.1). Pure.

/** Our own bound: the CRN stands in the list of registrations, which key-managers keep in memory. Real ones have 100 to 250. */
export const resourceCrnMaxChars = 500;

const segmentsCount = 10;
const serviceNameAt = 4;
const locationAt = 5;
/** `crn` to the service instance: what a resource must name at least, and where a query over all keys takes no wildcard. */
const instanceSegmentsCount = 8;
const visibleAscii = /^[\x21-\x7e]+$/;

/** The rule that the CRN of a resource breaks. */
export function checkResourceCrn(crn: string): string | undefined {
  const broken = checkSegments(crn);
  if (broken !== undefined) return broken;
  if (crn.includes('*')) return 'a CRN without *';
  const reaches = crn
    .split(':')
    .slice(0, instanceSegmentsCount)
    // Resources that are nowhere in particular have no location.
    .every((segment, at) => segment !== '' || at === locationAt);
  return reaches ? undefined : 'a CRN that names a service instance at least';
}

/** The rule that a query's pattern breaks. `isOverAllKeys`: it may not look through several service instances. */
export function checkCrnPattern(pattern: string, isOverAllKeys: boolean): string | undefined {
  const broken = checkSegments(pattern);
  if (broken !== undefined) return broken;
  const segments = pattern.split(':');
  const isWild = (segment: string, at: number): boolean =>
    segment === '*' || (at === segmentsCount - 1 && segment.indexOf('*') === segment.length - 1);
  if (!segments.every((segment, at) => !segment.includes('*') || isWild(segment, at))) {
    return 'a CRN with * for whole segments, or at the end of the last one';
  }
  const hasWideStar = segments.slice(0, instanceSegmentsCount).includes('*');
  return isOverAllKeys && hasWideStar
    ? `a CRN without * in its first ${instanceSegmentsCount} segments`
    : undefined;
}

/** True for a CRN that a pattern means; `pattern` has passed `checkCrnPattern`. */
export function matchesCrn(pattern: string, crn: string): boolean {
  const wanted = pattern.split(':');
  const segments = crn.split(':');
  return (
    segments.length === wanted.length &&
    wanted.every((text, at) => {
      const segment = segments[at] ?? '';
      return text.endsWith('*') ? segment.startsWith(text.slice(0, -1)) : segment === text;
    })
  );
}

/** The service that a resource, or a pattern, belongs to; undefined for what is no CRN. */
export function serviceNameOf(crn: string): string | undefined {
  return crn.split(':')[serviceNameAt];
}

function checkSegments(text: string): string | undefined {
  if (text.length > resourceCrnMaxChars) return `at most ${resourceCrnMaxChars} characters`;
  const segments = text.split(':');
  const isCrn =
    visibleAscii.test(text) && segments.length === segmentsCount && segments[0] === 'crn';
  return isCrn ? undefined : `a CRN: ${segmentsCount} segments with colons between them`;
}
