// Numbers and times as people read them. Pure, but for the reader's time zone.

/** `12`, `4.5`, `0.3`; `–` when nothing is known. */
export function rateText(perSecond: number): string {
  if (perSecond >= 1_000) return Math.round(perSecond).toLocaleString('en-US');
  return perSecond >= 10 || perSecond === 0 ? String(Math.round(perSecond)) : perSecond.toFixed(1);
}

/** `0.8 ms`, `12 ms`, `1.4 s`. */
export function latencyText(ms: number | null): string {
  if (ms === null) return '–';
  if (ms >= 1_000) return `${(ms / 1_000).toFixed(1)} s`;
  return ms >= 10 ? `${Math.round(ms)} ms` : `${ms.toFixed(1)} ms`;
}

export function percentText(part: number): string {
  const percent = part * 100;
  return percent > 0 && percent < 1 ? '<1 %' : `${Math.round(percent)} %`;
}

export function countText(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

/** `14:03:59` of the reader's day. */
export function clockText(iso: string): string {
  return new Date(iso).toLocaleTimeString('en-GB');
}

/** `2 h 5 min`, `4 min`, `12 s`; `now` when it is over. */
export function leftText(endsAt: string, nowIso: string): string {
  const seconds = Math.ceil((Date.parse(endsAt) - Date.parse(nowIso)) / 1_000);
  if (seconds <= 0) return 'now';
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
