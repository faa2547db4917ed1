// The operator's requests to a key-manager, typed by their kind. Used by the launcher and the CLI.
import { keyManagerMethods, type AdminReplies, type AdminRequest } from '@zonehold/api-contract';
import type { MeshClient } from '@zonehold/mesh';
import { Deadline, systemClock } from '@zonehold/primitives';

/** Administration is a few Paxos rounds; mesh reference B4 gives changes 5 s. */
const adminTimeoutMs = 5_000;

/** Kinds that may be asked twice. To replace an acceptor by the one that replaces it already changes nothing. */
const repeatable: ReadonlySet<AdminRequest['kind']> = new Set([
  ...(['zones', 'replace-acceptor', 'add-grant', 'remove-grant'] as const),
  ...(['suspend-instance', 'resume-instance', 'delete-instance'] as const),
]);

/** Sends one administrative request to any key-manager. Fails with a KmsError. */
export async function askOperator<Kind extends AdminRequest['kind']>(
  mesh: MeshClient,
  request: Extract<AdminRequest, { kind: Kind }>,
): Promise<AdminReplies[Kind]> {
  const isRepeatable = request.kind.startsWith('list-') || repeatable.has(request.kind);
  const { reply } = await mesh.call<AdminReplies[Kind]>(
    'key-manager',
    keyManagerMethods.admin,
    request,
    {
      deadline: Deadline.after(systemClock, adminTimeoutMs),
      // A repeated create would make two; nothing is lost by saying so.
      retry: isRepeatable ? 'always' : 'unsent',
    },
  );
  return reply;
}
