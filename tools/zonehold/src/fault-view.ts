// Faults on purpose, for people. Pure.
import { faultText, type FaultRule } from '@zonehold/faults';
import { durationText } from './duration.ts';
import { renderTable } from './output.ts';

export function renderFaults(faults: readonly FaultRule[], nowMs: number): string {
  if (faults.length === 0) return 'There are no faults.';
  const rows = faults.map((fault) => [
    fault.id,
    endsIn(fault, nowMs),
    fault.scenario ?? '-',
    faultText(fault),
    fault.reason,
  ]);
  return renderTable([['ID', 'ENDS IN', 'SCENARIO', 'FAULT', 'REASON'], ...rows]);
}

/** Sentences for `status`: whoever wonders about a zone looks there first. */
export function faultRemarks(faults: readonly FaultRule[], nowMs: number): string[] {
  if (faults.length === 0) return ['Faults can be made in this region; there are none now.'];
  return faults.map(
    (fault) =>
      `Fault ${fault.id}, for ${endsIn(fault, nowMs)} more: ${faultText(fault)} (${fault.reason}).`,
  );
}

function endsIn({ expiresAt }: FaultRule, nowMs: number): string {
  return durationText(Math.max(0, Date.parse(expiresAt) - nowMs));
}
