// Whatever ends a command early, it is told once and lives on to take back what it did.
import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { interruptible } from './interruption.ts';

function surroundings() {
  const [stdout, stderr] = [new EventEmitter(), new EventEmitter()];
  return Object.assign(new EventEmitter(), { stdout, stderr });
}

describe('a task is interrupted', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('by %s, and survives a second one', async (name) => {
    const around = surroundings();
    await interruptible(async (signal) => {
      await Promise.resolve();
      expect(signal.aborted).toBe(false);
      // False: nobody listens, and the signal kills.
      expect([around.emit(name), signal.aborted, around.emit(name)]).toEqual([true, true, true]);
    }, around);
    expect(around.listenerCount(name)).toBe(0);
  });

  it.each(['stdout', 'stderr'] as const)('by a %s that nobody reads, also later', async (name) => {
    const around = surroundings();
    const write = (): boolean => around[name].emit('error', new Error('write EPIPE'));
    await interruptible(async (signal) => {
      await Promise.resolve();
      write();
      expect(signal.aborted).toBe(true);
    }, around);
    expect(write).not.toThrow();
  });
});
