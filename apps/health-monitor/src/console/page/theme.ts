// Light, dark, or as the system says. The choice stays in this browser (first-paint.ts reads it).
import { h, type JSX } from 'preact';
import { useState } from 'preact/hooks';

const themes = { system: 'As the system', light: 'Light', dark: 'Dark' } as const;
const storageName = 'zonehold-theme';
/** Told on `window` after each change, for what does not follow style sheets. */
export const themeChanged = 'zonehold-theme-changed';

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', tell);

export function ThemeChoice(): JSX.Element {
  const [theme, setTheme] = useState(document.documentElement.dataset['theme'] ?? 'system');
  const onChange = (event: Event): void => {
    const chosen = (event.currentTarget as HTMLSelectElement).value;
    setTheme(chosen);
    choose(chosen);
  };
  return h(
    'label',
    { class: 'theme' },
    'Theme ',
    h(
      'select',
      { id: 'theme', value: theme, onChange },
      Object.entries(themes).map(([value, title]) => h('option', { key: value, value }, title)),
    ),
  );
}

function choose(theme: string): void {
  const { dataset } = document.documentElement;
  if (theme === 'system') delete dataset['theme'];
  else dataset['theme'] = theme;
  try {
    localStorage.setItem(storageName, theme);
  } catch {
    // It lasts as long as the page.
  }
  tell();
}

function tell(): void {
  dispatchEvent(new Event(themeChanged));
}
