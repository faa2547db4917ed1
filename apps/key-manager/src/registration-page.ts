// Pages of registrations: selection and order from the list, the page's records, and their keys', from a majority.
import {
  etagOf,
  invalidQuery,
  registrationBody,
  registrationCollection,
  type ApiRefusal,
  type OperationReply,
  type RegistrationBody,
  type RegistrationsQuery,
} from '@zonehold/api-contract';
import {
  livingRegistration,
  matchesCrn,
  serviceNameOf,
  type Key,
  type Registration,
} from '@zonehold/key-domain';
import { livingKey } from './key-repository.ts';
import { refuse, type InstanceCall, type OperationPorts } from './operation.ts';
import type { ListedRegistration } from './registration-index.ts';
import { registrationSummaryOf, type RegistrationSummary } from './registration-repository.ts';

/** A reply must fit a frame of 8 MiB with its envelope. 5,000 registrations are 3 to 4 MB, unless all have long texts. */
const pageMaxBytes = 8_300_000;
/** Pages below this fit whatever the registrations carry: at most 10 kB each, all of it escaped. */
const safePageRegistrations = 800;
/** As a list of keys reads its records: so that others are not held up by a page, and a page of 5,000 comes in time. */
const readBatchMin = 25;
const readsPerPageMax = 40;

/** Why a service may not look for what it looks for (reference §11.1). Users may look for everything. */
export function refuseLook({ request }: InstanceCall): ApiRefusal | undefined {
  const { service } = request.caller;
  const { crnPattern } = request.query as RegistrationsQuery;
  const isStrange = service !== undefined && crnPattern !== undefined;
  return isStrange && serviceNameOf(crnPattern) !== service
    ? { code: 'RESOURCE_OWNER_ERR' }
    : undefined;
}

/** True for what the query and the caller select: a service sees the registrations of its own resources only. */
export function isRegistrationSelected(
  { request }: InstanceCall,
  { resourceCrn, preventsKeyDeletion }: RegistrationSummary,
): boolean {
  const { service } = request.caller;
  const { crnPattern, preventsKeyDeletion: wanted } = request.query as RegistrationsQuery;
  return (
    (wanted === undefined || preventsKeyDeletion === wanted) &&
    (crnPattern === undefined || matchesCrn(crnPattern, resourceCrn)) &&
    (service === undefined || serviceNameOf(resourceCrn) === service)
  );
}

/** Registrations of the list that the call selects, in the list's order. */
export async function selectRegistrations(
  ports: OperationPorts,
  call: InstanceCall,
  keyId: string | undefined,
): Promise<readonly ListedRegistration[]> {
  const { instance, deadline } = call;
  const selected: ListedRegistration[] = [];
  for await (const slice of ports.registrationIndex.slices(instance.instanceId, keyId, deadline)) {
    for (const listed of slice) if (isRegistrationSelected(call, listed)) selected.push(listed);
  }
  return selected;
}

/** 200 with the page of `selected` that the query wants. `isSeen`: whether a record's key may be shown. */
export async function replyWithRegistrations(
  ports: OperationPorts,
  call: InstanceCall,
  selected: readonly ListedRegistration[],
  isSeen: (key: Key) => boolean,
): Promise<OperationReply> {
  const { limit, offset, isTotalWanted } = call.request.query as RegistrationsQuery;
  const page = selected.slice(offset, offset + limit);
  const isForService = call.request.caller.service !== undefined;
  const bodies: RegistrationBody[] = [];
  const tags: string[] = [];
  const batchSize = Math.max(readBatchMin, Math.ceil(page.length / readsPerPageMax));
  for (let at = 0; at < page.length; at += batchSize) {
    const batch = page.slice(at, at + batchSize);
    for (const { registration, key } of await readBatch(ports, call, batch)) {
      // Either may have moved on since it was listed: what is no longer selected is not shown.
      if (!isRegistrationSelected(call, registrationSummaryOf(registration)) || !isSeen(key))
        continue;
      tags.push(etagOf(registration.revision));
      bodies.push(registrationBody(registration, key, isForService));
    }
    await ports.turns.pause();
  }
  const body = registrationCollection(bodies, isTotalWanted ? selected.length : undefined);
  const isLong = bodies.length > safePageRegistrations;
  if (isLong && Buffer.byteLength(JSON.stringify(body)) > pageMaxBytes) return refuse(tooLarge);
  const [tag] = tags;
  const isTagged = isForService && tags.length === 1 && tag !== undefined;
  return { ok: true, status: 200, body, ...(isTagged ? { headers: { ETag: tag } } : {}) };
}

const tooLarge = invalidQuery(
  'limit',
  'smaller: the texts of these registrations make the page too large',
);

/** Those that exist, with their keys, in order. */
async function readBatch(
  ports: OperationPorts,
  { instance: { instanceId }, deadline }: InstanceCall,
  batch: readonly ListedRegistration[],
): Promise<readonly { readonly registration: Registration; readonly key: Key }[]> {
  const names = batch.map(({ name }) => name);
  const keyIds = [...new Set(batch.map(({ keyId }) => keyId))];
  const [records, keys] = await Promise.all([
    ports.registrations.read(instanceId, names, deadline),
    ports.keys.read(instanceId, keyIds, deadline),
  ]);
  const keyById = new Map(keyIds.map((id, at) => [id, livingKey(keys[at])]));
  return records.flatMap((record) => {
    const registration = livingRegistration(record);
    const key = registration && keyById.get(registration.keyId);
    return registration === undefined || key === undefined ? [] : [{ registration, key }];
  });
}
