// How the set-up scripts talk: one line when a step begins to be slow, one sentence when it cannot go on.

/** Ends the process with one sentence on stderr. */
export function stopWith(sentence, exitCode = 1) {
  process.stderr.write(`\nzonehold: ${sentence}\n`);
  process.exit(exitCode);
}

/** A step that takes longer than this says so: silence looks like a hang. */
const silenceMs = 2_000;
/** And then again this often. */
const repeatMs = 10_000;

/** Runs `work`, saying what is under way when it takes longer than 2 s. */
export async function withProgress(what, work) {
  const startedMs = performance.now();
  const seconds = () => ((performance.now() - startedMs) / 1_000).toFixed(0);
  let repeat;
  const first = setTimeout(() => {
    process.stdout.write(`· ${what} …\n`);
    repeat = setInterval(() => process.stdout.write(`· ${what} … ${seconds()} s\n`), repeatMs);
  }, silenceMs);
  try {
    return await work();
  } finally {
    clearTimeout(first);
    clearInterval(repeat);
  }
}
