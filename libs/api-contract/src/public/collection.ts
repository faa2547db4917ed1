// The collection envelope of replies (reference §1.6).
import type { CollectionBody } from './reply-bodies.ts';

/** `resources` in their envelope; they are absent when there are none. `totalCount` only when the client asked for it. */
export function collection<Resource>(
  collectionType: CollectionBody<Resource>['metadata']['collectionType'],
  resources: readonly Resource[],
  totalCount?: number,
): CollectionBody<Resource> {
  const metadata = {
    collectionType,
    collectionTotal: resources.length,
    ...(totalCount === undefined ? {} : { totalCount }),
  };
  return resources.length === 0 ? { metadata } : { metadata, resources };
}
