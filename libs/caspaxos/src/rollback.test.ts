// The comparison that finds an acceptor on an old disk.
import { describe, expect, it } from 'vitest';
import { SequenceMemory, sequenceStanding, type SequenceEvidence } from './rollback.ts';

const evidence = (parts: Partial<SequenceEvidence>): SequenceEvidence => ({
  ownSeq: 10,
  rememberedSeq: 0,
  peerRecords: [10, 9],
  peerCount: 2,
  isWaitOver: false,
  ...parts,
});

describe('an acceptor that reappears', () => {
  it.each<[string, Partial<SequenceEvidence>, string]>([
    ['votes when nobody saw it further on', {}, 'voter'],
    ['is rolled back below one record of a peer', { peerRecords: [0, 11] }, 'rolled-back'],
    ['is rolled back below our own memory', { rememberedSeq: 11 }, 'rolled-back'],
    ['is compared until one peer answers', { peerRecords: [] }, 'comparing'],
    ['is compared until all peers answer', { peerRecords: [10] }, 'comparing'],
    [
      'votes on one peer’s word once the other is away',
      { peerRecords: [10], isWaitOver: true },
      'voter',
    ],
    ['votes on one peer’s word and our memory', { peerRecords: [10], rememberedSeq: 10 }, 'voter'],
    ['is compared on nobody’s word for ever', { peerRecords: [], isWaitOver: true }, 'comparing'],
    ['is rolled back by our memory alone', { peerRecords: [], rememberedSeq: 11 }, 'rolled-back'],
    ['votes when there is no peer to ask', { peerRecords: [], peerCount: 0 }, 'voter'],
  ])('%s', (_name, parts, standing) => {
    expect(sequenceStanding(evidence(parts))).toBe(standing);
  });
});

it('a process remembers the highest sequence it saw, whatever the order of answers', () => {
  const memory = new SequenceMemory();
  for (const seq of [3, 9, 5]) memory.observe('acceptor-1', seq);
  expect(memory.of('acceptor-1')).toBe(9);
  expect(memory.of('acceptor-2')).toBe(0);
  expect(memory.all()).toEqual({ 'acceptor-1': 9 });
});
