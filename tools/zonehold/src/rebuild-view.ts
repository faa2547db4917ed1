// A rebuild in sentences: how far it is, what the last one did, and what may be lost until it has ended. Pure.
import type { FinishedRebuildView, RebuildView } from '@zonehold/api-contract';

/** `4,120`. */
function count(records: number): string {
  return records.toLocaleString('en-US');
}

/** `4,120 of 10,000 records, 830/s, 7 s left`, or what it waits for. */
export function progressText(rebuild: RebuildView): string {
  const { done, total, recordsPerSecond, leftS, waitsFor } = rebuild;
  if (total === 0) return waitsFor === '' ? 'it has just begun' : `waits: ${waitsFor}`;
  return [
    `${count(done)} of ${count(total)} records`,
    ...(recordsPerSecond > 0 ? [`${count(recordsPerSecond)}/s`] : []),
    ...(leftS === null ? [] : [`${count(leftS)} s left`]),
    ...(waitsFor === '' ? [] : [`waits: ${waitsFor}`]),
  ].join(', ');
}

export function rebuildSentence(rebuild: RebuildView): string {
  return `${rebuild.zone}: rebuild (${rebuild.cause}): ${progressText(rebuild)}`;
}

export function lastRebuildSentence(last: FinishedRebuildView): string {
  const { zone, cause, records, openedAt, finishedAt } = last;
  const seconds = Math.max(0, Math.round((Date.parse(finishedAt) - Date.parse(openedAt)) / 1_000));
  return `Last rebuild: ${zone} (${cause}), ${count(records)} records in ${count(seconds)} s, finished at ${finishedAt}.`;
}

/** One warning while fewer than all zones vote; none when nobody could be asked, for then nothing is known. */
export function redundancyWarning(
  zones: readonly { readonly zone: string; readonly acceptor: { readonly standing: string } }[],
): string[] {
  if (zones.some(({ acceptor }) => acceptor.standing === 'unknown')) return [];
  const out = zones.filter(({ acceptor }) => acceptor.standing !== 'voter');
  if (out.length === 0) return [];
  const names = out.map(({ zone }) => zone).join(' and ');
  const verb = out.length === 1 ? 'does' : 'do';
  return [
    `Redundancy: ${names} ${verb} not vote; the loss of another zone's disk may lose data now.`,
  ];
}
