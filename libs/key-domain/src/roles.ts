// Service roles of the contract (reference §19.2).

export const roleNames = [
  'Reader',
  'ReaderPlus',
  'Writer',
  'Manager',
  'KeyPurge',
  'KmipAdapterManager',
] as const;

export type RoleName = (typeof roleNames)[number];
