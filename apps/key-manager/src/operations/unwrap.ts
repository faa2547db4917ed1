// unwrap: decrypts a DEK with whichever version wrapped it. The state was checked before.
import { unwrapReply, type OperationReply } from '@zonehold/api-contract';
import { sealedVersions } from '@zonehold/key-domain';
import { assert } from '@zonehold/primitives';
import { keyDeleted, refuse, type KeyCall, type OperationPorts } from '../operation.ts';
import { openCiphertext } from '../open-ciphertext.ts';

/**
 * 200 with `{plaintext, keyVersion}`, and the same DEK wrapped by the newest version when an older one had wrapped it
 * (reference §7.3). UNPROCESSABLE_CIPHERTEXT_ERR for whatever does not open, without a reason.
 */
export async function unwrap(ports: OperationPorts, call: KeyCall): Promise<OperationReply> {
  const versions = sealedVersions(call.key);
  if (versions === undefined) return keyDeleted;
  const opened = await openCiphertext(ports, call, versions, 'unwrap');
  if (!opened.ok) return refuse({ code: 'UNPROCESSABLE_CIPHERTEXT_ERR' });
  const { plaintext, versionId, ciphertext } = opened;
  assert(plaintext !== undefined, 'an opened ciphertext has a plaintext');
  const newestVersionId = versions[0].versionId;
  const body = unwrapReply({ plaintext, versionId, newestVersionId, ciphertext });
  return { ok: true, status: 200, body };
}
