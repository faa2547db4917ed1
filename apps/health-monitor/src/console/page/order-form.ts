// A form that sends one order, with the length of what is ordered, and says what became of it.
import { h, type ComponentChildren, type JSX } from 'preact';
import { useState } from 'preact/hooks';
import { order, type Outcome } from './orders.ts';

const unitsS = { seconds: 1, minutes: 60, hours: 3_600 } as const;
type Unit = keyof typeof unitsS;

export interface OrderFormProps {
  readonly id: string;
  readonly title: string;
  /** Name of the order. */
  readonly order: string;
  readonly button: string;
  readonly zones: readonly string[];
  readonly units: readonly Unit[];
  /** A value to begin with. */
  readonly length: number;
  /** Further fields; each with a name. */
  readonly children?: ComponentChildren;
}

export function OrderForm(props: OrderFormProps): JSX.Element {
  const [outcome, setOutcome] = useState<Outcome | undefined>(undefined);
  const [isBusy, setBusy] = useState(false);
  const { id, title, button, zones, units, length, children } = props;
  const send = async (form: HTMLFormElement): Promise<void> => {
    setBusy(true);
    const { amount, unit, ...body } = Object.fromEntries(new FormData(form));
    const lengthS = Math.round(Number(amount) * unitsS[unit as Unit]);
    const result = await order(props.order, { ...body, lengthS });
    setBusy(false);
    setOutcome(result);
    if (result.isDone) form.reset();
  };
  const onSubmit = (event: Event): void => {
    event.preventDefault();
    void send(event.currentTarget as HTMLFormElement);
  };
  return h(
    'form',
    { id, class: 'order', 'aria-label': title, onSubmit },
    h('h3', null, title),
    children,
    h(
      Field,
      { id: `${id}-zone`, label: 'Zone' },
      h(Choice, { id: `${id}-zone`, name: 'zone', values: zones }),
    ),
    h(
      Field,
      { id: `${id}-reason`, label: 'Reason' },
      h('input', {
        id: `${id}-reason`,
        name: 'reason',
        required: true,
        maxLength: 200,
        autocomplete: 'off',
      }),
    ),
    h(
      Field,
      { id: `${id}-amount`, label: 'For' },
      h('input', {
        id: `${id}-amount`,
        name: 'amount',
        type: 'number',
        min: 1,
        max: 999,
        required: true,
        defaultValue: String(length),
      }),
      h(Choice, { id: `${id}-unit`, name: 'unit', values: units, label: 'Unit of time' }),
    ),
    h('button', { type: 'submit', disabled: isBusy }, button),
    h(
      'p',
      { class: `outcome ${outcome?.isDone === false ? 'bad' : 'good'}`, role: 'status' },
      outcome?.sentence ?? '',
    ),
  );
}

/** A label and what it names. */
export function Field(props: {
  readonly id: string;
  readonly label: string;
  readonly children?: ComponentChildren;
}): JSX.Element {
  return h(
    'div',
    { class: 'field' },
    h('label', { for: props.id }, props.label),
    h('div', { class: 'inputs' }, props.children),
  );
}

export interface ChoiceProps {
  readonly id: string;
  readonly name: string;
  readonly values: readonly (string | { readonly name: string; readonly title: string })[];
  /** For what has no label beside it. */
  readonly label?: string;
}

export function Choice({ id, name, values, label }: ChoiceProps): JSX.Element {
  const options = values.map((value) =>
    typeof value === 'string'
      ? h('option', { key: value, value }, value)
      : h('option', { key: value.name, value: value.name }, value.title),
  );
  return h(
    'select',
    { id, name, ...(label === undefined ? {} : { 'aria-label': label }) },
    options,
  );
}

export interface OrderButtonProps {
  readonly order: string;
  readonly body: object;
  readonly text: string;
  /** What a screen reader says: the text alone would be the same in each row. */
  readonly label: string;
}

/** A button that sends one order. What it refuses is said beside it. */
export function OrderButton(props: OrderButtonProps): JSX.Element {
  const [refusal, setRefusal] = useState('');
  const onClick = async (): Promise<void> => {
    const { isDone, sentence } = await order(props.order, props.body);
    setRefusal(isDone ? '' : sentence);
  };
  return h(
    'span',
    null,
    h(
      'button',
      { type: 'button', class: 'small', 'aria-label': props.label, onClick: () => void onClick() },
      props.text,
    ),
    refusal === '' ? null : h('span', { class: 'outcome bad', role: 'alert' }, refusal),
  );
}
