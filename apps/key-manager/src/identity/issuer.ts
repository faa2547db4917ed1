// Who issues this region's tokens. It names cluster and region, so that a token of one region is refused in another.

/** The `iss` claim. */
export function issuerOf(clusterId: string, region: string): string {
  return `urn:zonehold:${clusterId}:${region}`;
}
