// A service's side of development mode: follows the file of controls, and makes the keys' time of it. Exists only where the
// settings have `dev`: nothing of it can be reached anywhere else.
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Clock } from '@zonehold/primitives';
import type { Log } from '@zonehold/telemetry';
import { devControlsSchema, type DevControls, type DevView } from './dev-controls.ts';
import { parseJson, type Parsed } from './settings.ts';

/** A change is in force everywhere within this time and a little: people wait for it. */
const lookEveryMs = 200;

export interface DevModeOptions {
  readonly controlsPath: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** The controls as they were last read. */
export class DevMode {
  /** Wall time ahead of the machine's by the offset; monotonic time is the machine's own. */
  readonly keyClock: Clock;
  readonly #options: DevModeOptions;
  #controls: DevControls;
  #timer: NodeJS.Timeout | undefined;
  #isReading = false;

  /** Starts with the controls on disk, so that no service ever works before it knows the keys' time. Throws when they cannot be read. */
  constructor(options: DevModeOptions) {
    const { controlsPath, clock } = options;
    this.#options = options;
    const first = parse(readFileSync(controlsPath, 'utf8'), controlsPath);
    if (!first.ok) throw new Error(first.problems.join(' '));
    this.#controls = first.value;
    this.keyClock = {
      wallMs: () => clock.wallMs() + this.#controls.clockOffsetMs,
      monotonicMs: () => clock.monotonicMs(),
    };
  }

  get controls(): DevControls {
    return this.#controls;
  }

  /** Looks at the file from now on. Keeps no process alive. */
  start(): void {
    this.#timer = setInterval(() => void this.look(), lookEveryMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Reads the file once. What cannot be read changes nothing: the launcher replaces it in one step, so it is never half written. */
  async look(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    const { controlsPath, log } = this.#options;
    try {
      const read = parse(await readFile(controlsPath, 'utf8'), controlsPath);
      if (read.ok) this.#adopt(read.value);
      else log.warn('dev.controls-refused', { problems: read.problems });
    } catch (error) {
      log.warn('dev.controls-unreadable', { error });
    } finally {
      this.#isReading = false;
    }
  }

  #adopt(next: DevControls): void {
    const { revision, clockOffsetMs } = this.#controls;
    if (next.revision <= revision) return;
    // Times in registers never go back, whoever wrote the file.
    this.#controls = { ...next, clockOffsetMs: Math.max(next.clockOffsetMs, clockOffsetMs) };
    this.#options.log.warn('dev.controls', { controls: this.#controls });
  }

  view(): DevView {
    const keyTime = new Date(this.keyClock.wallMs()).toISOString();
    return { mode: 'dev', ...this.#controls, keyTime };
  }
}

function parse(text: string, path: string): Parsed<DevControls> {
  return parseJson(devControlsSchema, text, path);
}
