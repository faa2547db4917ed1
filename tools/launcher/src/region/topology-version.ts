// The version of the topology that is written next. Services follow the file and take nothing but later versions (service-host).
import { isDeepStrictEqual } from 'node:util';
import { topologySchema, type Topology } from '@zonehold/service-host';

/**
 * `topology` with its version: that of the file before when it says the same, otherwise the time, which is later than any before it
 * even where the file was lost; never less than one more than the file before. Pure.
 */
export function versioned(
  topology: Topology,
  textBefore: string | undefined,
  wallMs: number,
): Topology {
  const before = parse(textBefore);
  if (before === undefined) return { version: wallMs, ...topology };
  const { version = 0, ...said } = before;
  if (version > 0 && isDeepStrictEqual(said, topology)) return { version, ...topology };
  return { version: Math.max(wallMs, version + 1), ...topology };
}

function parse(text: string | undefined): Topology | undefined {
  if (text === undefined) return undefined;
  try {
    return topologySchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
