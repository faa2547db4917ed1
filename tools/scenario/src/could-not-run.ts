// A run that came to nothing is no verdict on the region: the command ends with 2.

/** The message is a sentence for people. */
export class CouldNotRun extends Error {
  override readonly name: string = 'CouldNotRun';
}

/** The run is over and something that it broke is broken still. */
export class NotTakenBack extends CouldNotRun {
  override readonly name = 'NotTakenBack';
}
