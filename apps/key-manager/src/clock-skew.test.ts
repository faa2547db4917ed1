import { describe, expect, it } from 'vitest';
import { ManualClock } from '@zonehold/primitives';
import { createLog, createMetrics } from '@zonehold/telemetry';
import { ClockSkew } from './clock-skew.ts';

function watch() {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const process = { service: 'key-manager', zone: 'us-south-1', region: 'us-south' };
  const metrics = createMetrics(process);
  const clock = new ManualClock();
  const log = createLog({ ...process, level: 'info', destination });
  const skew = new ClockSkew({ clock, log, gauge: metrics.clockSkew.of({}) });
  /** Each zone's clock, as many milliseconds ahead of ours. */
  const show = (...ahead: readonly number[]): void => {
    ahead.forEach((ms, at) => skew.shown(`us-south-${at + 1}`, clock.wallMs() + ms));
  };
  return { lines, metrics, clock, skew, show };
}

describe('the clock of a machine', () => {
  it('is right as long as nobody says otherwise, and within two seconds of the median', () => {
    const { skew, show } = watch();
    expect(skew.isRight()).toBe(true);
    show(-2_000, -2_000, -2_000);
    expect(skew.isRight()).toBe(true);
    show(-2_001, -2_001, -2_001);
    expect(skew.isRight()).toBe(false);
    show(2_001, 2_001, 2_001);
    expect(skew.isRight()).toBe(false);
  });

  it('is not judged by one zone that is wrong itself', () => {
    const { skew, show } = watch();
    show(0, 40_000_000, 0);
    expect(skew.isRight()).toBe(true);
  });

  it('is a metric, and one log line when it goes wrong and one when it is right again', async () => {
    const { lines, metrics, show } = watch();
    show(-5_000, -5_000, -5_000);
    show(-5_000, -5_000, -5_000);
    expect(await metrics.text()).toMatch(/kms_clock_skew_seconds\{.*\} 5\n/);
    show(0, 0, 0);
    const events = lines.map((line) => (JSON.parse(line) as { event: string }).event);
    expect(events).toEqual(['clock.wrong', 'clock.right-again']);
  });

  it('is not judged by what a zone said a minute ago', () => {
    const { skew, clock, show } = watch();
    show(9_000, 9_000);
    clock.advance(60_001);
    expect(skew.isRight()).toBe(true);
  });
});
