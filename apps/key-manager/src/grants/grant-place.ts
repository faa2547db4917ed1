// A register that holds grants, named: an account's, an instance's (its rings' grants are there too) or a key's. Names and their
// text, as an API key notes where it may have grants.

export type GrantPlace =
  | { readonly kind: 'account'; readonly accountId: string }
  | { readonly kind: 'instance'; readonly instanceId: string }
  | { readonly kind: 'key'; readonly instanceId: string; readonly keyId: string };

/** The place as an API key's register notes it. */
export function placeText(place: GrantPlace): string {
  switch (place.kind) {
    case 'account':
      return `account/${place.accountId}`;
    case 'instance':
      return `instance/${place.instanceId}`;
    case 'key':
      return `key/${place.instanceId}/${place.keyId}`;
  }
}

/** Reads what `placeText` wrote. */
export function readPlace(text: string): GrantPlace | undefined {
  const [kind, first = '', keyId = ''] = text.split('/');
  if (kind === 'account') return { kind, accountId: first };
  if (kind === 'instance') return { kind, instanceId: first };
  return kind === 'key' ? { kind, instanceId: first, keyId } : undefined;
}

/** The instance that a place is in; undefined for an account. */
export function instanceOf(place: GrantPlace): string | undefined {
  return place.kind === 'account' ? undefined : place.instanceId;
}

/** In words, for an operator. */
export function describePlace(place: GrantPlace): string {
  switch (place.kind) {
    case 'account':
      return `account ${place.accountId}`;
    case 'instance':
      return `instance ${place.instanceId}`;
    case 'key':
      return `key ${place.keyId} of instance ${place.instanceId}`;
  }
}
