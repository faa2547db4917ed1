// What fails before anything was broken is no verdict on the region.
import { describe, expect, it } from 'vitest';
import { beforehand, CouldNotRun } from './could-not-run.ts';

describe('what fails beforehand', () => {
  it('could not run, and says why', async () => {
    const failing = beforehand('The client could not sign in', () =>
      Promise.reject(new Error('401')),
    );
    await expect(failing).rejects.toThrow(CouldNotRun);
    await expect(failing).rejects.toThrow(
      'The client could not sign in, so nothing was broken: 401',
    );
  });

  it('keeps a sentence that it has already', async () => {
    const failing = beforehand('', () => Promise.reject(new CouldNotRun('There is no region.')));
    await expect(failing).rejects.toThrow(/^There is no region\.$/);
  });
});
