export { assert, AssertionError, unreachable } from './assert.ts';
export { equalBytes, fromBase64, fromHex, toBase64, toHex } from './bytes.ts';
export { ManualClock, systemClock, type Clock } from './clock.ts';
export { Deadline, hopCostMs } from './deadline.ts';
export { isKmsError, KmsError, kmsErrorCodes, type KmsErrorCode, type Outcome } from './errors.ts';
export type { FaultEdge, FaultPort, MessageExits, PassingMessage } from './fault-port.ts';
export { SeededRandom, systemRandom, type Random } from './random.ts';
export { Sensitive } from './sensitive.ts';
export { SlotTable } from './slot-table.ts';
