// Which region.json is ours to touch.
import { ManualClock, SeededRandom } from '@zonehold/primitives';
import { describe, expect, it } from 'vitest';
import {
  newRegionRecord,
  parseRegionRecord,
  presentRedis,
  refuseOtherMode,
  runningRedis,
  type RegionRecord,
} from './region-record.ts';

const record = newRegionRecord({
  region: 'us-south',
  regionalPort: 8443,
  basePort: 8450,
  random: new SeededRandom(1),
  clock: new ManualClock(),
});
const parse = (change: object): unknown =>
  parseRegionRecord(JSON.stringify({ ...record, ...change }), '/d/region.json', 'us-south');

describe('region.json', () => {
  it('comes back as it was written', () => {
    expect(parse({})).toEqual(record);
  });

  it('keeps where a replaced Redis lies, also when the other ports move', () => {
    const zones = record.zones.map((zone, index) =>
      index === 1 ? { ...zone, redis: { number: 2, port: 7_000 } } : zone,
    );
    const moved = parse({ zones, basePort: 9_000 }) as RegionRecord;
    expect(presentRedis(moved, 1)).toEqual({ number: 2, port: 7_000 });
    expect(presentRedis(moved, 0)).toEqual({ number: 1, port: 9_008 });
    expect(runningRedis(moved, 1)).toHaveLength(1);
  });

  it('is for development from its first start or never', () => {
    const options = { region: 'us-south', regionalPort: 8443, basePort: 8450 };
    const made = newRegionRecord({
      ...options,
      random: new SeededRandom(1),
      clock: new ManualClock(),
      isDev: true,
    });
    const dev = parse(made) as RegionRecord;
    expect(dev.mode).toBe('dev');
    expect(() => refuseOtherMode(dev, '/d', true)).not.toThrow();
    expect(() => refuseOtherMode(dev, '/d', false)).toThrow(/\/d is a development region/);
    expect(() => refuseOtherMode(record, '/d', false)).not.toThrow();
    expect(() => refuseOtherMode(record, '/d', true)).toThrow(/\/d was made without --dev/);
  });

  it('begins in the state that allows formatting', () => {
    expect(record.state).toBe('formatting');
  });

  it('of another region is refused with both names', () => {
    expect(() => parse({ region: 'eu-de' })).toThrow(
      /belongs to the region eu-de, not to us-south/,
    );
  });

  it('of a newer format is refused before its unknown members are looked at', () => {
    expect(() => parse({ formatVersion: 3, novelty: true })).toThrow(/newer Zonehold \(format 3/);
  });

  it('of an older format is refused, since its lists could not be read whole', () => {
    expect(() => parse({ formatVersion: 1 })).toThrow(
      /older Zonehold \(format 1.*lists would miss/,
    );
  });

  it('with an unknown state is refused: nobody may guess whether it was formed', () => {
    expect(() => parse({ state: 'maybe' })).toThrow(/damaged \(state\)/);
  });

  it('that is not JSON is refused', () => {
    expect(() => parseRegionRecord('{', '/d/region.json', 'us-south')).toThrow(/not JSON/);
  });
});
