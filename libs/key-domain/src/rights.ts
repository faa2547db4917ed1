// Which role may do what: the matrix of reference §19.2 as a table. Scopes (instance, ring, key) are the caller's business.
import type { RoleName } from './roles.ts';

const readers = ['Reader', 'ReaderPlus', 'Writer', 'Manager'] as const;
const writers = ['Writer', 'Manager'] as const;
const managers = ['Manager'] as const;
const listers = [...readers, 'KmipAdapterManager'] as const;
const kmip = ['Manager', 'KmipAdapterManager'] as const;

/** Right → roles that hold it. Rights carry the IAM action's name. Rows marked [I] are not in the vendor's table. */
export const rolesByRight = {
  'kms.secrets.create': writers,
  'kms.secrets-with-policy-overrides.create': managers,
  'kms.secrets.read': ['ReaderPlus', 'Writer', 'Manager'],
  'kms.secrets-metadata.read': readers,
  'kms.secrets.head': listers,
  'kms.secrets.list': listers,
  'kms.secrets-key-versions.list': readers,
  'kms.secrets.wrap': readers,
  'kms.secrets.unwrap': readers,
  'kms.secrets.rewrap': readers,
  'kms.secrets.rotate': writers,
  'kms.secrets.disable': managers,
  'kms.secrets.enable': managers,
  'kms.secrets.setkeyfordeletion': writers,
  'kms.secrets.unsetkeyfordeletion': writers,
  'kms.secrets.delete': managers,
  'kms.secrets.restore': managers,
  'kms.secrets.patch': managers,
  'kms.secrets.sync': writers,
  'kms.secrets.purge': ['KeyPurge'],
  'kms.secrets-alias.create': writers,
  'kms.secrets-alias.delete': writers,
  'kms.key-rings.create': writers,
  'kms.key-rings.list': listers,
  'kms.key-rings.delete': managers,
  'kms.policies.write': managers,
  'kms.policies.read': managers,
  'kms.instance-policies.write': managers,
  'kms.instance-policies.read': managers,
  // [I] as the instance policies, of which it is a consequence.
  'kms.instance-allowed-ip-port.read': managers,
  'kms.import-token.create': writers,
  'kms.import-token.read': writers,
  'kms.registrations.list': readers,
  'kms.registrations.create': readers,
  'kms.registrations.merge': readers,
  'kms.registrations.write': readers,
  'kms.registrations.delete': readers,
  // [I] as the other calls that only services make.
  'kms.secrets-event.ack': readers,
  'kms.governance-config.read': readers,
  // [I] moves a key's registrations to another key.
  'kms.secrets-migration-intent.write': managers,
  'kms.secrets-migration-intent.read': readers,
  'kms.kmip-management.create': kmip,
  'kms.kmip-management.list': kmip,
  'kms.kmip-management.read': kmip,
  'kms.kmip-management.delete': kmip,
} as const satisfies Readonly<Record<string, readonly RoleName[]>>;

/** Every right there is. */
export type Right = keyof typeof rolesByRight;

/** True when any of `roles` holds `right`. Roles are additive (reference §19.3). */
export function isAllowed(roles: readonly RoleName[], right: Right): boolean {
  const holders: readonly RoleName[] = rolesByRight[right];
  return roles.some((role) => holders.includes(role));
}
