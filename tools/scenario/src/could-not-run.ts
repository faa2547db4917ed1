// A run that came to nothing is no verdict on the region: the command ends with 2.

/** The message is a sentence for people. */
export class CouldNotRun extends Error {
  override readonly name: string = 'CouldNotRun';
}

/** The run is over and something that it broke is broken still. */
export class NotTakenBack extends CouldNotRun {
  override readonly name = 'NotTakenBack';
}

/** What fails before anything was broken says nothing of how the region bears it. `sentence`: what that means, without a full stop. */
export async function beforehand<Result>(
  sentence: string,
  task: () => Promise<Result>,
): Promise<Result> {
  try {
    return await task();
  } catch (error) {
    if (error instanceof CouldNotRun) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new CouldNotRun(
      `${sentence}, so nothing was broken: ${message === '' ? (code ?? 'no reason given') : message}`,
      { cause: error },
    );
  }
}
