// Frames through every cutting of a stream, at the size limit, and malformed.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeFrames, exceedsFrame, FrameDecoder, frameMaxBytes } from './frame-codec.ts';

const texts = ['{"i":1,"b":"Grüße 🔑"}', '[]', `"${'x'.repeat(300)}"`];

function decodeAll(chunks: readonly Buffer[]): unknown[] {
  const frames: unknown[] = [];
  const decoder = new FrameDecoder((frame) => frames.push(frame));
  for (const chunk of chunks) decoder.push(chunk);
  return frames;
}

describe('frames', () => {
  it('survive a stream cut in two at every byte', () => {
    const bytes = encodeFrames(texts);
    const expected = texts.map((text) => JSON.parse(text) as unknown);
    for (let at = 0; at <= bytes.length; at += 1) {
      expect(decodeAll([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(expected);
    }
  });

  it('survive a stream that arrives byte by byte', () => {
    const bytes = encodeFrames(texts);
    expect(decodeAll([...bytes].map((byte) => Buffer.of(byte)))).toHaveLength(texts.length);
  });

  it('survive any cutting of any messages', () => {
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue(), { maxLength: 8 }),
        fc.array(fc.nat(200)),
        (values, cuts) => {
          let rest = encodeFrames(values.map((value) => JSON.stringify(value)));
          const chunks: Buffer[] = [];
          for (const cut of cuts) {
            chunks.push(rest.subarray(0, cut));
            rest = rest.subarray(cut);
          }
          // Through JSON, as a peer would see them: -0 becomes 0.
          expect(decodeAll([...chunks, rest])).toEqual(JSON.parse(JSON.stringify(values)));
        },
      ),
    );
  });

  it('of the largest size pass in small chunks without copying again and again', () => {
    const text = JSON.stringify('y'.repeat(frameMaxBytes - 2));
    const bytes = encodeFrames([text]);
    const chunks: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += 512) chunks.push(bytes.subarray(at, at + 512));
    // 4,096 chunks joined anew each time would copy 4 GiB: the test would time out.
    expect(decodeAll(chunks)).toHaveLength(1);
  });

  it('longer than the limit are refused before their bytes are awaited', () => {
    const header = Buffer.alloc(4);
    header.writeUInt32BE(frameMaxBytes + 1);
    expect(() => decodeAll([header])).toThrow(expect.objectContaining({ code: 'PROTOCOL' }));
  });

  it('that are not JSON are refused without quoting them', () => {
    const frame = Buffer.concat([Buffer.of(0, 0, 0, 9), Buffer.from('secret-42')]);
    expect(() => decodeAll([frame])).toThrow('a frame is not JSON');
  });

  it.each([
    ['one byte under the limit', frameMaxBytes - 1, false],
    ['at the limit', frameMaxBytes, false],
    ['one byte over the limit', frameMaxBytes + 1, true],
  ])('%s: exceeds is decided', (_name, length, exceeds) => {
    expect(exceedsFrame('z'.repeat(length))).toBe(exceeds);
  });

  it('are measured in bytes, not in characters', () => {
    expect(exceedsFrame('ü'.repeat(frameMaxBytes / 2 + 1))).toBe(true);
  });
});
