// The operations of the contract by the names used in this house (reference §4, the SDK names).
export type OperationName = string;
