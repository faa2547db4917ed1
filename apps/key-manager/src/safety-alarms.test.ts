import { describe, expect, it } from 'vitest';
import { ManualClock } from '@zonehold/primitives';
import { createLog, createMetrics } from '@zonehold/telemetry';
import { createStoreObserver } from './safety-alarms.ts';

function watch() {
  const lines: Record<string, unknown>[] = [];
  const destination = {
    write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>),
  };
  const process = { service: 'key-manager', zone: 'us-south-1', region: 'us-south' };
  const metrics = createMetrics(process);
  const clock = new ManualClock();
  const log = createLog({ ...process, level: 'info', destination });
  return { lines, metrics, clock, observer: createStoreObserver({ log, metrics, clock }) };
}

describe('a safety alarm', () => {
  it('is counted every time and logged once a minute for each zone and kind', async () => {
    const { lines, metrics, clock, observer } = watch();
    for (let count = 0; count < 1_000; count += 1) observer.alarm('forged', 'us-south-2');
    observer.alarm('forged', 'us-south-3');
    observer.alarm('clash', 'us-south-2');
    expect(lines).toHaveLength(3);
    clock.advance(60_000);
    observer.alarm('forged', 'us-south-2');
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatchObject({
      level: 'error',
      event: 'safety.alarm',
      alarm: 'forged-value',
      acceptorZone: 'us-south-2',
      sentence: expect.stringMatching(/^A register of this zone failed authentication/),
    });
    expect(await metrics.text()).toMatch(/kms_safety_alarm_total\{kind="forged-value".*\} 1002/);
  });

  it('is raised by a standing that never comes up by itself, with the store’s own sentence', async () => {
    const { lines, metrics, observer } = watch();
    observer.standing('us-south-2', 'wiped', 'The Redis of us-south-2 is empty.');
    observer.standing('us-south-3', 'voter', '');
    expect(lines[0]).toMatchObject({
      alarm: 'wiped',
      sentence: 'The Redis of us-south-2 is empty.',
    });
    const text = await metrics.text();
    expect(text).toMatch(/kms_acceptor_up\{zone="us-south-2".*\} 0/);
    expect(text).toMatch(/kms_acceptor_up\{zone="us-south-3".*\} 1/);
  });
});

describe('the settings of a Redis', () => {
  it('are shown as safe or not once a look has said so, and stay shown while it is away', async () => {
    const { metrics, observer } = watch();
    observer.standing('us-south-1', 'unreachable', 'read ECONNRESET');
    observer.standing('us-south-2', 'unsafe-settings', 'appendfsync is everysec.');
    observer.standing('us-south-2', 'connecting', '');
    observer.standing('us-south-3', 'voter', '');
    const text = await metrics.text();
    expect(text).not.toMatch(/kms_acceptor_config_ok\{zone="us-south-1"/);
    expect(text).toMatch(/kms_acceptor_config_ok\{zone="us-south-2".*\} 0/);
    expect(text).toMatch(/kms_acceptor_config_ok\{zone="us-south-3".*\} 1/);
  });
});

describe('a zone that is away', () => {
  it('is logged once when it goes and once when it comes, however often it is tried', () => {
    const { lines, observer } = watch();
    observer.standing('us-south-2', 'voter', '');
    for (let attempt = 0; attempt < 50; attempt += 1) {
      observer.standing('us-south-2', 'unreachable', 'read ECONNRESET');
      observer.standing('us-south-2', 'connecting', '');
    }
    observer.standing('us-south-2', 'voter', '');
    expect(lines.map(({ standing }) => standing)).toEqual(['voter', 'unreachable', 'voter']);
  });
});
