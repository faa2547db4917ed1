// Linearizability of an append-only list whose every append leaves a unique id: complete, and O(n log n). One register.
import type { ListOperation } from './history.ts';

/**
 * The first violation as a sentence; undefined when the history is linearizable.
 *
 * All lists ever seen must be prefixes of the longest, which therefore is the order of the appends. An operation's place
 * is the length it saw (a read) or made (an append); a place may never be before that of one that returned earlier.
 */
export function checkAppends(operations: readonly ListOperation[]): string | undefined {
  const answered = operations.filter(({ outcome }) => outcome === 'ok');
  let longest: readonly string[] = [];
  for (const { seen } of answered) if (seen.length > longest.length) longest = seen;
  const placeOf = new Map(longest.map((opId, index) => [opId, index + 1]));
  return (
    checkChain(answered, longest, placeOf) ??
    checkMembers(operations, longest, placeOf) ??
    checkRealTime(operations, placeOf)
  );
}

function checkChain(
  answered: readonly ListOperation[],
  longest: readonly string[],
  placeOf: ReadonlyMap<string, number>,
): string | undefined {
  if (placeOf.size !== longest.length) return 'an append was applied twice';
  for (const { opId, seen } of answered) {
    const fork = seen.findIndex((member, index) => member !== longest[index]);
    if (fork >= 0) return `${opId} saw ${seen[fork]} at ${fork}, another saw ${longest[fork]}`;
  }
  return undefined;
}

function checkMembers(
  operations: readonly ListOperation[],
  longest: readonly string[],
  placeOf: ReadonlyMap<string, number>,
): string | undefined {
  const appends = new Map(
    operations.filter(({ kind }) => kind === 'append').map((append) => [append.opId, append]),
  );
  for (const opId of longest) {
    const append = appends.get(opId);
    if (append === undefined) return `${opId} was never appended`;
    if (append.outcome === 'not-applied') return `${opId} was called not applied, but is there`;
  }
  for (const { opId, outcome, seen } of appends.values()) {
    if (outcome !== 'ok') continue;
    if (!placeOf.has(opId)) return `${opId} was acknowledged and is lost`;
    if (!seen.includes(opId)) return `${opId} was acknowledged with a list without it`;
  }
  return undefined;
}

function checkRealTime(
  operations: readonly ListOperation[],
  placeOf: ReadonlyMap<string, number>,
): string | undefined {
  const placed = operations.flatMap((operation) => {
    const append = { operation, isAppend: true, place: placeOf.get(operation.opId) };
    // An answered append has read as well: more than its own id when others came between it and its answer.
    const read = { operation, isAppend: false, place: operation.seen.length };
    return [
      ...(operation.kind === 'append' && append.place !== undefined ? [append] : []),
      ...(operation.outcome === 'ok' ? [read] : []),
    ];
  });
  const events = placed
    .flatMap((entry) => [
      { at: entry.operation.invokedAt, isCall: true, entry },
      { at: entry.operation.returnedAt, isCall: false, entry },
    ])
    // At one time calls come first: what touches, overlaps.
    .sort((left, right) => left.at - right.at || Number(right.isCall) - Number(left.isCall));
  let returned = { place: 0, opId: 'nothing' };
  for (const { isCall, entry } of events) {
    const place = entry.place ?? 0;
    const { opId } = entry.operation;
    if (!isCall) {
      if (place > returned.place) returned = { place, opId };
    } else if (place < returned.place || (entry.isAppend && place === returned.place)) {
      return `${opId} stands at ${place}, though ${returned.opId} at ${returned.place} had returned before it began`;
    }
  }
  return undefined;
}
