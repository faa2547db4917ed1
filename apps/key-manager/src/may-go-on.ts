// The pause between two rounds of background work. It keeps no process alive.

/** After the delay true, once `signal` is aborted false. */
export function mayGoOn(delayMs: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const wake = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', wake);
      resolve(!signal.aborted);
    };
    const timer = setTimeout(wake, signal.aborted ? 0 : delayMs);
    timer.unref();
    signal.addEventListener('abort', wake);
  });
}
