// The page for who is not signed in: it asks for the region's token, and knows nothing of the region.
import { h, render, type JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Field } from './order-form.ts';
import { order } from './orders.ts';
import { ThemeChoice } from './theme.ts';

function SignIn(): JSX.Element {
  const [refusal, setRefusal] = useState('');
  const send = async (form: HTMLFormElement): Promise<void> => {
    const fields = Object.fromEntries(new FormData(form));
    const { isDone, sentence } = await order('session', fields);
    if (isDone) location.assign('/console/');
    else setRefusal(sentence);
  };
  const onSubmit = (event: Event): void => {
    event.preventDefault();
    void send(event.currentTarget as HTMLFormElement);
  };
  const invalid = refusal === '' ? {} : { 'aria-invalid': 'true', 'aria-describedby': 'refusal' };
  return h(
    'main',
    { class: 'sign-in card' },
    h('h1', null, 'Zonehold console'),
    h(
      'p',
      null,
      'Sign in with the token of this region. On its machine it is shown by ',
      h('code', null, 'npx zonehold console'),
      '.',
    ),
    h(
      'form',
      { onSubmit },
      h(
        Field,
        { id: 'token', label: 'Token' },
        h('input', {
          id: 'token',
          name: 'token',
          type: 'password',
          autocomplete: 'off',
          required: true,
          autofocus: true,
          ...invalid,
        }),
      ),
      h(
        Field,
        { id: 'operator', label: 'Your name, for the record' },
        h('input', { id: 'operator', name: 'operator', maxLength: 64, autocomplete: 'username' }),
      ),
      h('button', { type: 'submit' }, 'Sign in'),
      h('p', { id: 'refusal', class: 'outcome bad', role: 'alert' }, refusal),
    ),
    h(ThemeChoice, null),
  );
}

const place = document.getElementById('page');
if (place !== null) render(h(SignIn, null), place);
