// The three kinds of registers that hold grants, changed and read alike.
import {
  accountGrantsMax,
  instanceGrantsMax,
  keyGrantsMax,
  type Grants,
} from '@zonehold/key-domain';
import type { Deadline } from '@zonehold/primitives';
import type { AccountRepository } from '../account-repository.ts';
import { living, type InstanceRepository } from '../instance-repository.ts';
import { livingKey, type KeyRepository } from '../key-repository.ts';
import type { GrantPlace } from './grant-place.ts';

export interface GrantRegisters {
  readonly accounts: AccountRepository;
  readonly instances: InstanceRepository;
  readonly keys: KeyRepository;
}

/** The next grants, or the same to leave them, or why not. Pure; may run several times. */
export type GrantEdit<Refusal> = (grants: Grants, countMax: number) => Grants | Refusal;

const countMaxOf = {
  account: accountGrantsMax,
  instance: instanceGrantsMax,
  key: keyGrantsMax,
} as const satisfies Readonly<Record<GrantPlace['kind'], number>>;

/** Changes the grants of a place; gives them as they are then, or the refusal, or `absent` when there is no such instance or key. */
export function changeGrants<Refusal extends string>(
  { accounts, instances, keys }: GrantRegisters,
  place: GrantPlace,
  edit: GrantEdit<Refusal>,
  deadline: Deadline,
): Promise<Grants | Refusal | 'absent'> {
  const countMax = countMaxOf[place.kind];
  /** What becomes of a record that holds `grants`. */
  const decide = <Record>(grants: Grants, withGrants: (next: Grants) => Record) => {
    const next = edit(grants, countMax);
    return typeof next === 'string' || next === grants
      ? ({ kind: 'keep', result: next } as const)
      : ({ kind: 'write', record: withGrants(next), result: next } as const);
  };
  const absent = { kind: 'keep', result: 'absent' } as const;
  switch (place.kind) {
    case 'account':
      return accounts.change<Grants | Refusal | 'absent'>(
        place.accountId,
        (account) => decide(account.grants, (grants) => ({ ...account, grants })),
        deadline,
      );
    case 'instance':
      return instances.change<Grants | Refusal | 'absent'>(
        place.instanceId,
        (instance) =>
          instance === undefined
            ? absent
            : decide(instance.grants, (grants) => ({ ...instance, grants })),
        deadline,
      );
    case 'key':
      return keys.change<Grants | Refusal | 'absent'>(
        place.instanceId,
        place.keyId,
        (current) => {
          const key = livingKey(current);
          if (key === undefined) return absent;
          return decide(key.grants ?? noGrants, (grants) => ({ ...key, grants }));
        },
        deadline,
      );
  }
}

const noGrants: Grants = {};

/** The grants of a place; undefined when there is no such instance or key. */
export async function readGrants(
  { accounts, instances, keys }: GrantRegisters,
  place: GrantPlace,
  deadline: Deadline,
): Promise<Grants | undefined> {
  if (place.kind === 'account') {
    return (await accounts.read(place.accountId, deadline))?.grants ?? noGrants;
  }
  const instance = living(await instances.read(place.instanceId, deadline));
  if (instance === undefined || place.kind === 'instance') return instance?.grants;
  const [record] = await keys.read(place.instanceId, [place.keyId], deadline);
  const key = livingKey(record);
  return key === undefined ? undefined : (key.grants ?? noGrants);
}
