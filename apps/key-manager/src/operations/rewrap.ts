// rewrap: a fresh ciphertext of the same DEK by the newest version; the DEK itself never leaves the crypto-worker.
import { rewrapReply, type OperationReply } from '@zonehold/api-contract';
import { sealedVersions } from '@zonehold/key-domain';
import { assert } from '@zonehold/primitives';
import { openCiphertext } from '../open-ciphertext.ts';
import { keyDeleted, refuse, type KeyCall, type OperationPorts } from '../operation.ts';

/** 200 with `{ciphertext, keyVersion, rewrappedKeyVersion}` (reference §7.4); UNPROCESSABLE_CIPHERTEXT_ERR as unwrap. */
export async function rewrap(ports: OperationPorts, call: KeyCall): Promise<OperationReply> {
  const versions = sealedVersions(call.key);
  if (versions === undefined) return keyDeleted;
  const opened = await openCiphertext(ports, call, versions, 'rewrap');
  if (!opened.ok) return refuse({ code: 'UNPROCESSABLE_CIPHERTEXT_ERR' });
  const { ciphertext, versionId } = opened;
  assert(ciphertext !== undefined, 'a rewrap has a fresh ciphertext');
  const newestVersionId = versions[0].versionId;
  return { ok: true, status: 200, body: rewrapReply({ ciphertext, versionId, newestVersionId }) };
}
