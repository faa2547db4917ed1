// Drains and faults: those that are in force, each with its end, and the forms for new ones.
import { h, type JSX } from 'preact';
import { Choice, Field, OrderButton, OrderForm } from './order-form.ts';
import type { ConsoleState } from '../state.ts';
import { Section, Table } from './ui.ts';
import { leftText } from './wording.ts';

export interface ControlsProps {
  readonly state: ConsoleState;
}

export function Drains({ state }: ControlsProps): JSX.Element {
  const zones = state.health.zones.map(({ zone }) => zone);
  const drained = state.health.zones.flatMap(({ zone, drain }) =>
    drain === undefined ? [] : [{ zone, ...drain }],
  );
  const rows = drained.map(({ zone, reason, endsAt }) => ({
    key: zone,
    cells: [
      zone,
      reason,
      leftText(endsAt, state.at),
      h(OrderButton, {
        order: 'undrain',
        body: { zone },
        text: 'Lift',
        label: `Lift the drain of ${zone}`,
      }),
    ],
  }));
  const list =
    rows.length === 0
      ? h('p', { class: 'quiet' }, 'No zone is drained.')
      : h(Table, { caption: 'Drained zones', heads: ['Zone', 'Reason', 'Ends in', 'Lift'], rows });
  const form = h(OrderForm, {
    ...{ id: 'drain', title: 'Drain a zone', order: 'drain', button: 'Drain', zones },
    ...{ units: ['minutes', 'hours', 'seconds'], length: 15 },
  });
  return h(Section, { id: 'drains', title: 'Drains', children: [list, form] });
}

export function Faults({ state }: ControlsProps): JSX.Element {
  const { isEnabled, active, presets } = state.faults;
  const children = isEnabled
    ? [h(ActiveFaults, { key: 'active', state }), h(FaultForm, { key: 'form', state, presets })]
    : [
        h(
          'p',
          { key: 'none', class: 'quiet' },
          'This region was started without --faults: nothing can be broken on purpose here.',
        ),
        active.length > 0 ? h(ActiveFaults, { key: 'active', state }) : null,
      ];
  return h(Section, { id: 'faults', title: 'Faults', children });
}

function ActiveFaults({ state }: ControlsProps): JSX.Element {
  const { active } = state.faults;
  if (active.length === 0) return h('p', { class: 'quiet' }, 'No fault is active.');
  const rows = active.map(({ id, text, reason, endsAt }) => ({
    key: id,
    cells: [
      id,
      text,
      reason,
      leftText(endsAt, state.at),
      h(OrderButton, {
        order: 'clear-faults',
        body: { id },
        text: 'Clear',
        label: `Clear fault ${id}`,
      }),
    ],
  }));
  return h(
    'div',
    null,
    h(Table, {
      caption: 'Active faults',
      heads: ['Fault', 'What', 'Reason', 'Ends in', 'Clear'],
      rows,
    }),
    h(OrderButton, {
      order: 'clear-faults',
      body: {},
      text: 'Clear all',
      label: 'Clear all faults',
    }),
  );
}

function FaultForm(props: ControlsProps & Pick<ConsoleState['faults'], 'presets'>): JSX.Element {
  const zones = props.state.health.zones.map(({ zone }) => zone);
  return h(
    OrderForm,
    {
      ...{ id: 'fault', title: 'Break something', order: 'add-fault', button: 'Add fault', zones },
      ...{ units: ['seconds', 'minutes'], length: 60 },
    } as Parameters<typeof OrderForm>[0],
    h(
      Field,
      { id: 'fault-preset', label: 'Fault' },
      h(Choice, { id: 'fault-preset', name: 'preset', values: props.presets }),
    ),
  );
}
