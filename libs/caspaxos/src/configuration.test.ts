// Configurations: one text for one configuration, and nothing believed without its MAC.
import { describe, expect, it } from 'vitest';
import type { Authenticator, Configuration } from './acceptor-port.ts';
import {
  canonicalText,
  epochOf,
  formatStamp,
  parseSelf,
  quorumSize,
  selfOf,
  signConfiguration,
  verifyConfiguration,
} from './configuration.ts';

// A checksum stands in for the HMAC: what is tested is that it is asked.
const tag = (text: string): string => `${text.length}-${text.charCodeAt(10)}`;
const authenticator: Authenticator = {
  sign: () => '',
  verify: () => true,
  signConfiguration: tag,
  verifyConfiguration: ({ text, mac }) => tag(text) === mac,
  digest: (text) => text.length.toString(16).padStart(32, '0'),
};
const member = (zone: string) => ({ zone, acceptorId: `acceptor-${zone}`, incarnation: 'one' });
const configuration: Configuration = {
  epoch: 3,
  voters: [member('z2'), member('z1'), member('z3')],
  learner: null,
};

describe('a configuration', () => {
  it('has one text, whatever the order it was written in', () => {
    const voters = [...configuration.voters].reverse();
    expect(canonicalText({ learner: null, voters, epoch: 3 })).toBe(canonicalText(configuration));
  });

  it.each<[string, Configuration]>([
    ['two acceptors in one zone', { ...configuration, voters: [member('z1'), member('z1')] }],
    ['a learner in a voter zone', { ...configuration, learner: member('z1') }],
    ['no voters', { ...configuration, voters: [] }],
    ['epoch zero', { ...configuration, epoch: 0 }],
    ['a slash in a name', { ...configuration, voters: [{ ...member('z1'), incarnation: 'a/b' }] }],
  ])('is refused with %s', (_name, wrong) => {
    expect(() => canonicalText(wrong)).toThrow();
  });

  it('is verified with its stamp and quorum, or not at all', () => {
    const signed = signConfiguration(configuration, authenticator);
    const verified = verifyConfiguration(signed, authenticator);
    expect(verified).toMatchObject({
      stamp: formatStamp(3, authenticator.digest(signed.text)),
    });
    expect(verifyConfiguration({ ...signed, mac: 'x' }, authenticator)).toBeUndefined();
    const loose = signed.text.replace('{"epoch"', '{ "epoch"');
    expect(verifyConfiguration({ text: loose, mac: tag(loose) }, authenticator)).toBeUndefined();
  });

  it('needs a majority: any two quorums meet', () => {
    expect([1, 2, 3, 4, 5].map(quorumSize)).toEqual([1, 2, 2, 3, 3]);
  });

  it('has its epoch in the stamp', () => {
    expect(epochOf(formatStamp(17, '0'.repeat(32)))).toBe(17);
    expect(epochOf('17:00')).toBeUndefined();
  });
});

it('a self string names exactly one incarnation, and reads back', () => {
  const identity = { clusterId: 'c1', region: 'us-south', ...member('z1') };
  expect(selfOf(identity)).toBe('c1/us-south/z1/acceptor-z1/one');
  expect(parseSelf(selfOf(identity))).toEqual(identity);
  expect(parseSelf('c1/us-south/z1/one')).toBeUndefined();
  expect(() => selfOf({ ...identity, region: 'us/south' })).toThrow();
});
