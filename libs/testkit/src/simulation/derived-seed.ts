// Many generators from one seed: each part of a simulation draws from its own, so that leaving one thing out does not
// change what the others draw. Not for secrets.

/** A 32-bit seed for the part of a run called `name` (FNV-1a over the name, started and ended by the seed). */
export function derivedSeed(seed: number, name: string): number {
  let hash = Math.imul(seed ^ 0x811c9dc5, 0x01000193);
  for (const character of name) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  return (hash ^ (hash >>> 15) ^ seed) | 0;
}
