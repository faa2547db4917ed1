// The role matrix of reference §19.2, read column by column, and the limits of §23.
import { describe, expect, it } from 'vitest';
import {
  checkAad,
  checkAlias,
  checkAliases,
  checkMaterialSize,
  checkName,
  checkTags,
  isUuidV4,
} from './limits.ts';
import { isAllowed, rolesByRight, type Right } from './rights.ts';
import { roleNames, type RoleName } from './roles.ts';

const rights = Object.keys(rolesByRight) as Right[];
const heldBy = (role: RoleName): Right[] => rights.filter((right) => isAllowed([role], right));

describe('roles', () => {
  it('a Reader wraps, unwraps and reads metadata, but reads no payload and changes no key', () => {
    expect(heldBy('Reader').filter((right) => right.startsWith('kms.secrets.'))).toEqual([
      'kms.secrets.head',
      'kms.secrets.list',
      'kms.secrets.wrap',
      'kms.secrets.unwrap',
      'kms.secrets.rewrap',
    ]);
  });

  it('a ReaderPlus has besides only the payload', () => {
    const more = heldBy('ReaderPlus').filter((right) => !heldBy('Reader').includes(right));
    expect(more).toEqual(['kms.secrets.read']);
  });

  it('a Manager has everything but purge, which only KeyPurge has', () => {
    expect(rights.filter((right) => !isAllowed(['Manager'], right))).toEqual(['kms.secrets.purge']);
    expect(heldBy('KeyPurge')).toEqual(['kms.secrets.purge']);
  });

  it('a Writer creates and rotates but neither deletes, disables, restores nor sets policies', () => {
    const writer = heldBy('Writer');
    expect(writer).toEqual(expect.arrayContaining(['kms.secrets.create', 'kms.secrets.rotate']));
    for (const right of [
      'kms.secrets.delete',
      'kms.secrets.disable',
      'kms.secrets.restore',
      'kms.policies.read',
    ]) {
      expect(writer).not.toContain(right);
    }
  });

  it('add up, and no role is no right', () => {
    expect(isAllowed(['Reader', 'KeyPurge'], 'kms.secrets.purge')).toBe(true);
    expect(rights.some((right) => isAllowed([], right))).toBe(false);
    expect(roleNames.every((role) => heldBy(role).length > 0)).toBe(true);
  });
});

describe('limits', () => {
  it('count characters, not UTF-16 units, and refuse half a character', () => {
    expect(checkName('\u{1f511}'.repeat(90))).toBeUndefined();
    expect(checkName('\u{1f511}'.repeat(91))).toBeDefined();
    expect(checkName('\u{1f511}')).toBeDefined();
    expect(checkName('x')).toBeDefined();
    expect(checkName('ab\ud800')).toBeDefined();
  });

  it('allow 30 tags of 30 characters with spaces, and none of < > , : & |', () => {
    expect(checkTags(Array<string>(30).fill('a '.repeat(15)))).toBeUndefined();
    expect(checkTags(Array<string>(31).fill('a'))).toBeDefined();
    expect(checkTags(['a'.repeat(31)])).toBeDefined();
    expect(checkTags([''])).toBeUndefined();
    for (const bad of '<>,:&|') expect(checkTags([`a${bad}`])).toBeDefined();
  });

  it('allow 5 different aliases that are neither reserved nor a UUID', () => {
    expect(checkAliases(['a1', 'b-2', 'c_3', 'd4', 'e5'])).toBeUndefined();
    expect(checkAliases(['a1', 'a1'])).toBeDefined();
    expect(checkAliases(['a1', 'b2', 'c3', 'd4', 'e5', 'f6'])).toBeDefined();
    for (const bad of [
      'a',
      'a b',
      'registrations',
      'wrap',
      '4c7e1a52-0d0f-4a8e-9b63-6f9d2a1b7c10',
      'x'.repeat(91),
    ]) {
      expect(checkAlias(bad)).toBeDefined();
    }
    expect(isUuidV4('4c7e1a52-0d0f-1a8e-9b63-6f9d2a1b7c10')).toBe(false);
  });

  it('allow root material of 16, 24 and 32 bytes and standard material of 1 to 7,500', () => {
    expect(
      [15, 16, 17, 24, 32, 33].filter((size) => checkMaterialSize(false, size) === undefined),
    ).toEqual([16, 24, 32]);
    expect(
      [0, 1, 7_500, 7_501].filter((size) => checkMaterialSize(true, size) === undefined),
    ).toEqual([1, 7_500]);
  });

  it('allow 255 AAD strings of 255 characters, well-formed', () => {
    expect(checkAad(Array<string>(255).fill('\u{1f511}'.repeat(255)))).toBeUndefined();
    expect(checkAad(Array<string>(256).fill(''))).toBeDefined();
    expect(checkAad(['a'.repeat(256)])).toBeDefined();
    expect(checkAad(['\udc00'])).toBeDefined();
  });
});
