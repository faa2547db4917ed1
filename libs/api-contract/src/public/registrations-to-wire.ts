// Registrations as clients read them (reference §11.1).
import type { Key, Registration } from '@zonehold/key-domain';
import { collection } from './collection.ts';
import type { CollectionBody, RegistrationBody } from './reply-bodies.ts';
import { formatTimestamp } from './timestamp.ts';

/** One registration of `key`. What a service keeps with it is shown to services only. */
export function registrationBody(
  registration: Registration,
  key: Key,
  isForService: boolean,
): RegistrationBody {
  const { description, metadata, keyVersionId } = registration;
  const version = key.versions.find(({ versionId }) => versionId === keyVersionId);
  return {
    keyId: key.id,
    keyName: key.name,
    resourceCrn: registration.resourceCrn,
    createdBy: registration.createdBy,
    creationDate: formatTimestamp(registration.createdAtMs),
    updatedBy: registration.updatedBy,
    lastUpdated: formatTimestamp(registration.updatedAtMs),
    ...(description === undefined ? {} : { description }),
    ...(metadata === undefined || !isForService ? {} : { registrationMetadata: metadata }),
    preventKeyDeletion: registration.preventsKeyDeletion,
    keyVersion: {
      id: keyVersionId,
      ...(version === undefined ? {} : { creationDate: formatTimestamp(version.createdAtMs) }),
    },
  };
}

/** Registrations in their envelope. `totalCount` only when the client asked for it. */
export function registrationCollection(
  registrations: readonly RegistrationBody[],
  totalCount?: number,
): CollectionBody<RegistrationBody> {
  return collection('application/vnd.ibm.kms.registration+json', registrations, totalCount);
}
