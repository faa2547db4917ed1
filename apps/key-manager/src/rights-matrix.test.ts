// Every operation of the contract x every role x every place where it may have been given, on real key-managers. The table is
// reference §19.2 and §1.3 read once more, by hand: it is not made from what the code uses.
import { beforeAll, describe, expect, it } from 'vitest';
import {
  operationRow,
  operations,
  type GrantTarget,
  type OperationName,
} from '@zonehold/api-contract';
import { roleNames, type RoleName } from '@zonehold/key-domain';
import {
  admin,
  callerOf,
  makeKey,
  refusalOf,
  requestOf,
  send,
  startRegion,
  succeeded,
  type Credential,
  type TestRegion,
} from './testing/key-managers.ts';

type Letter = 'R' | 'R+' | 'W' | 'M' | 'P' | 'K';
const letters: Readonly<Record<Letter, RoleName>> = {
  R: 'Reader',
  'R+': 'ReaderPlus',
  W: 'Writer',
  M: 'Manager',
  P: 'KeyPurge',
  K: 'KmipAdapterManager',
};

/** Where a right is needed: on the key of the path, in the ring named, in any ring, or in the whole instance. */
type Needed = 'key' | 'ring' | 'rings' | 'instance';

/** As the reference's rows: who may, where it is needed, and the operations. */
const matrix: readonly (readonly [roles: string, needed: Needed, ...OperationName[]])[] = [
  ['W M', 'ring', 'createKey'],
  ['M', 'ring', 'createKeyWithPoliciesOverrides'],
  ['R+ W M', 'key', 'getKey'],
  ['R R+ W M', 'key', 'getKeyMetadata', 'getKeyVersions'],
  ['R R+ W M K', 'rings', 'getKeyCollectionMetadata', 'getKeys'],
  ['R R+ W M', 'key', 'wrapKey', 'unwrapKey', 'rewrapKey', 'actionOnKey'],
  ['W M', 'key', 'rotateKey', 'setKeyForDeletion', 'unsetKeyForDeletion'],
  ['M', 'key', 'disableKey', 'enableKey', 'deleteKey', 'restoreKey', 'patchKey'],
  ['W M', 'key', 'syncAssociatedResources', 'createKeyAlias', 'deleteKeyAlias'],
  ['P', 'key', 'purgeKey'],
  ['W M', 'instance', 'createKeyRing'],
  ['R R+ W M K', 'instance', 'listKeyRings'],
  ['M', 'instance', 'deleteKeyRing'],
  ['M', 'key', 'putPolicy', 'getPolicy'],
  ['M', 'instance', 'putInstancePolicy', 'getInstancePolicy', 'getAllowedIpPort'],
  ['W M', 'ring', 'postImportToken', 'getImportToken'],
  ['R R+ W M', 'key', 'getRegistrations'],
  ['R R+ W M', 'rings', 'getRegistrationsAllKeys'],
  ['R R+ W M', 'key', 'createRegistration', 'updateRegistration', 'replaceRegistration'],
  ['R R+ W M', 'key', 'deleteRegistration', 'actionOnRegistration'],
  ['M K', 'instance', 'getKmipAdapters', 'createKmipAdapter', 'getKmipAdapter'],
  ['M K', 'instance', 'deleteKmipAdapter', 'getKmipObjects', 'getKmipObject', 'deleteKmipObject'],
  ['M K', 'instance', 'getKmipClientCertificates', 'addKmipClientCertificate'],
  ['M K', 'instance', 'getKmipClientCertificate', 'deleteKmipClientCertificate'],
  // Not in the reference's table, which knows no rights for calls that services alone make.
  ['R R+ W M', 'instance', 'eventAcknowledge', 'getGovernanceConfig'],
  ['M', 'key', 'createMigrationIntent', 'deleteMigrationIntent'],
  ['R R+ W M', 'key', 'getMigrationIntent'],
];

const places = ['account', 'instance', 'ring', 'key', 'another ring', 'another key'] as const;
type Place = (typeof places)[number];

/** Places whose roles count, by where the right is needed. */
const counting: Readonly<Record<Needed, readonly Place[]>> = {
  key: ['account', 'instance', 'ring', 'key'],
  ring: ['account', 'instance', 'ring'],
  rings: ['account', 'instance', 'ring', 'another ring'],
  instance: ['account', 'instance'],
};

/** Well-formed callers get it before anything is done, so that nothing changes from one question to the next. */
const malformed = { code: 'INVALID_FIELD_ERR' } as const;

let test: TestRegion;
let keyRef: string;
const holders = new Map<string, Credential>();

async function credentialWithout(): Promise<Credential> {
  const outside = await admin<'create-instance'>(test.here, {
    kind: 'create-instance',
    name: 'out',
  });
  const { instanceId } = outside;
  const grants = [{ instanceId, roles: ['Manager', 'KeyPurge'] as const }];
  return admin<'create-api-key'>(test.here, { kind: 'create-api-key', name: 'a', grants });
}

beforeAll(async () => {
  test = await startRegion();
  const { here, instanceId } = test;
  for (const subRef of ['ring-a', 'ring-b']) {
    succeeded(await send(here, requestOf(test, 'createKeyRing', { subRef })));
  }
  const keyIn = async (keyRingId: string): Promise<string> => {
    const body = { name: 'a key', isExtractable: false };
    const create = requestOf(test, 'createKey', { keyRingId, body });
    return succeeded(await send(here, create)).body.resources[0].id;
  };
  keyRef = await keyIn('ring-a');
  const { instances } = await admin<'list-instances'>(here, { kind: 'list-instances' });
  const targets: Readonly<Record<Place, GrantTarget>> = {
    account: { accountId: instances[0]!.accountId },
    instance: { instanceId },
    ring: { instanceId, keyRingId: 'ring-a' },
    key: { instanceId, keyId: keyRef },
    'another ring': { instanceId, keyRingId: 'ring-b' },
    'another key': { instanceId, keyId: await makeKey(test) },
  };
  for (const place of places) {
    for (const role of roleNames) {
      const credential = await credentialWithout();
      const { credentialId } = credential;
      await admin<'add-grant'>(here, {
        ...({ kind: 'add-grant', credentialId } as const),
        target: targets[place],
        roles: [role],
      });
      holders.set(`${place}/${role}`, credential);
    }
  }
});

async function isAllowed(
  operation: OperationName,
  needed: Needed,
  caller: Credential,
): Promise<boolean> {
  const request = requestOf(test, operation, {
    caller: callerOf(caller),
    refusal: malformed,
    ...(needed === 'key' ? { keyRef } : {}),
    ...(needed === 'ring' ? { keyRingId: 'ring-a' } : {}),
  });
  const code = refusalOf(await send(test.elsewhere, request));
  const { isServiceOnly } = operationRow(operation);
  const allowed = isServiceOnly === true ? 'SERVICE_ONLY_ERR' : malformed.code;
  expect(['UNAUTHORIZED_ERR', allowed]).toContain(code);
  return code === allowed;
}

describe('the matrix of roles', () => {
  it('has every operation of the contract once', () => {
    const named = matrix.flatMap(([, , ...names]) => names);
    expect(named.toSorted()).toEqual(operations.map(({ name }) => name).toSorted());
  });

  for (const [roles, needed, ...names] of matrix) {
    it.each(names)(
      `lets ${roles} do %s, by what was given for the ${needed} or above`,
      async (name) => {
        const may = roles.split(' ').map((letter) => letters[letter as Letter]);
        for (const place of places) {
          for (const role of roleNames) {
            const holder = holders.get(`${place}/${role}`)!;
            const isExpected = may.includes(role) && counting[needed].includes(place);
            expect(await isAllowed(name, needed, holder), `${role} of ${place}`).toBe(isExpected);
          }
        }
        expect(await isAllowed(name, needed, await credentialWithout())).toBe(false);
      },
    );
  }
});

describe('what names no ring', () => {
  it.each(['createKey', 'postImportToken', 'getImportToken'] as const)(
    'needs the right on default for %s',
    async (operation) => {
      const writer = holders.get('ring/Writer')!;
      const members = { caller: callerOf(writer), refusal: malformed };
      const request = () => requestOf(test, operation, members);
      expect(refusalOf(await send(test.here, request()))).toBe('UNAUTHORIZED_ERR');
      const onDefault = await credentialWithout();
      await admin<'add-grant'>(test.here, {
        ...({ kind: 'add-grant', credentialId: onDefault.credentialId } as const),
        target: { instanceId: test.instanceId, keyRingId: 'default' },
        roles: ['Writer'],
      });
      members.caller = callerOf(onDefault);
      expect(refusalOf(await send(test.here, request()))).toBe(malformed.code);
    },
  );
});
