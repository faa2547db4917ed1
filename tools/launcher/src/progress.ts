// How a start tells what it does: to the terminal, or through the parent when it runs in the background.

/** Where lines for people go. */
export interface Progress {
  say(line: string): void;
  /** What must not be overlooked. */
  warn(text: string): void;
  /** The closing text of a start that worked. */
  finish(summary: string): void;
  /** The one sentence of a start that did not. */
  fail(sentence: string): void;
}

/** What a background launcher sends to the one that waits for it. */
export type BackgroundMessage =
  | { readonly kind: 'say'; readonly text: string }
  | { readonly kind: 'warn'; readonly text: string }
  | { readonly kind: 'finish'; readonly text: string }
  | { readonly kind: 'fail'; readonly text: string };

export const terminalProgress: Progress = {
  say: (line) => void process.stdout.write(`· ${line}\n`),
  warn: (text) => void process.stderr.write(`${text}\n`),
  finish: (summary) => void process.stdout.write(`${summary}\n`),
  fail: (sentence) => void process.stderr.write(`\nzonehold: ${sentence}\n`),
};

/** Sends everything to the parent and keeps it in the log (stdout of a background launcher). The parent may be gone. */
export function backgroundProgress(): Progress {
  const send = (message: BackgroundMessage): void => {
    if (process.connected) process.send?.(message);
  };
  return {
    say: (line) => {
      terminalProgress.say(line);
      send({ kind: 'say', text: line });
    },
    warn: (text) => {
      terminalProgress.warn(text);
      send({ kind: 'warn', text });
    },
    // The summary holds an API key: it goes to the person, not to the log.
    finish: (summary) => {
      terminalProgress.say('ready');
      send({ kind: 'finish', text: summary });
    },
    fail: (sentence) => {
      terminalProgress.fail(sentence);
      send({ kind: 'fail', text: sentence });
    },
  };
}
