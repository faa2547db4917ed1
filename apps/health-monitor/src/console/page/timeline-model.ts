// Events as lines of the timeline, and as what a screen reader is told. Pure.
import type { MonitorEvent } from '../state.ts';
import type { Tone } from './tones.ts';
import { toneOfVerdict, type Verdict } from './view-model.ts';

export interface TimelineLine {
  readonly id: string;
  readonly at: string;
  readonly tone: Tone;
  readonly text: string;
  readonly details: readonly string[];
}

const drainWords: Readonly<Record<string, string>> = {
  begun: 'is drained by hand',
  lifted: 'is not drained any more: lifted',
  ended: 'is not drained any more: its time is over',
  outranked: 'is not drained: an older drain goes first',
};

export function lineOf(event: MonitorEvent): TimelineLine {
  const { id, at, reasons } = event;
  return { id, at, ...saidOf(event), details: reasons };
}

function saidOf({ kind, zone, to }: MonitorEvent): { readonly tone: Tone; readonly text: string } {
  switch (kind) {
    case 'zone':
      return { tone: toneOfVerdict[to as Verdict], text: `${zone} is ${to}` };
    case 'isolation':
      return to === 'isolated'
        ? { tone: 'idle', text: `The monitor of ${zone} lost touch with the others` }
        : { tone: 'good', text: `The monitor of ${zone} is in touch with the others` };
    case 'drain':
      return {
        tone: to === 'begun' ? 'warn' : 'good',
        text: `${zone} ${drainWords[to] ?? to}`,
      };
  }
}
