// Typed calls to the region's crypto-workers. Nothing is decided here but where a call may be tried a second time.
import {
  cryptoWorkerMethods,
  type CreateImportTokenReply,
  type CreateImportTokenRequest,
  type CreateInstanceKeyReply,
  type CreateInstanceKeyRequest,
  type CreateSigningKeyReply,
  type ImportMaterialReply,
  type ImportMaterialRequest,
  type RegionKeysReply,
  type RevealMaterialReply,
  type RevealMaterialRequest,
  type SealMaterialReply,
  type SealMaterialRequest,
  type SignTokenReply,
  type SignTokenRequest,
  type UnwrapReply,
  type UnwrapRequest,
  type WrapReply,
  type WrapRequest,
} from '@zonehold/api-contract';
import type { MeshClient } from '@zonehold/mesh';
import { isKmsError, KmsError, type Deadline, type KmsErrorCode } from '@zonehold/primitives';

/** What came with the call that makes this one necessary. */
export interface CryptoContext {
  readonly deadline: Deadline;
  readonly correlationId: string;
}

/**
 * What operations need of a crypto-worker. Calls change nothing, so every failure is a KmsError with outcome `not-applied`:
 * INTEGRITY when sealed data do not open, UNAVAILABLE when no zone's worker could be reached, or the peer's own code.
 */
export interface CryptoClient {
  regionKeys(context: CryptoContext): Promise<RegionKeysReply>;
  createInstanceKey(
    request: CreateInstanceKeyRequest,
    context: CryptoContext,
  ): Promise<CreateInstanceKeyReply>;
  sealMaterial(request: SealMaterialRequest, context: CryptoContext): Promise<SealMaterialReply>;
  revealMaterial(
    request: RevealMaterialRequest,
    context: CryptoContext,
  ): Promise<RevealMaterialReply>;
  wrap(request: WrapRequest, context: CryptoContext): Promise<WrapReply>;
  unwrap(request: UnwrapRequest, context: CryptoContext): Promise<UnwrapReply>;
  createImportToken(
    request: CreateImportTokenRequest,
    context: CryptoContext,
  ): Promise<CreateImportTokenReply>;
  importMaterial(
    request: ImportMaterialRequest,
    context: CryptoContext,
  ): Promise<ImportMaterialReply>;
  createSigningKey(context: CryptoContext): Promise<CreateSigningKeyReply>;
  signToken(request: SignTokenRequest, context: CryptoContext): Promise<SignTokenReply>;
}

/** Less than this is no time for another zone: a round trip and the cipher, with room for a busy event loop. */
const secondTryMinMs = 50;

/** These speak of our way to the worker; said to a gateway they would be taken for its way to us. */
const unreachableCodes: readonly KmsErrorCode[] = ['LINK_LOST', 'CIRCUIT_OPEN', 'PROTOCOL'];

/** A CryptoClient over the mesh: own zone first, another when the link or circuit there is down. */
export function createCryptoClient(mesh: MeshClient): CryptoClient {
  const call = <Reply>(method: string, body: unknown, context: CryptoContext): Promise<Reply> =>
    callWorker<Reply>(mesh, method, body, context);
  return {
    regionKeys: (context) => call(cryptoWorkerMethods.regionKeys, {}, context),
    createInstanceKey: (request, context) =>
      call(cryptoWorkerMethods.createInstanceKey, request, context),
    sealMaterial: (request, context) => call(cryptoWorkerMethods.sealMaterial, request, context),
    revealMaterial: (request, context) =>
      call(cryptoWorkerMethods.revealMaterial, request, context),
    wrap: (request, context) => call(cryptoWorkerMethods.wrap, request, context),
    unwrap: (request, context) => call(cryptoWorkerMethods.unwrap, request, context),
    createImportToken: (request, context) =>
      call(cryptoWorkerMethods.createImportToken, request, context),
    importMaterial: (request, context) =>
      call(cryptoWorkerMethods.importMaterial, request, context),
    createSigningKey: (context) => call(cryptoWorkerMethods.createSigningKey, {}, context),
    signToken: (request, context) => call(cryptoWorkerMethods.signToken, request, context),
  };
}

/**
 * Retries live at the gateway, with one exception made here: a call whose link broke under it is sent once more, to a worker
 * whose link stands. A worker that dies takes every call in flight with it at the same moment. If the gateway had to retry
 * them all, each would read its registers again through another zone, and together they would spend its retry budget, which
 * is meant for single failures. The second try cannot multiply load: a link breaks once, and each call is tried once more.
 * It is safe because a crypto-worker keeps nothing.
 */
async function callWorker<Reply>(
  mesh: MeshClient,
  method: string,
  body: unknown,
  context: CryptoContext,
): Promise<Reply> {
  const { deadline, correlationId } = context;
  const attempt = async (): Promise<Reply> => {
    const options = { deadline, correlationId, retry: 'unsent' } as const;
    return (await mesh.call<Reply>('crypto-worker', method, body, options)).reply;
  };
  try {
    return await attempt();
  } catch (error) {
    if (!isKmsError(error, 'LINK_LOST') || deadline.remainingMs() < secondTryMinMs) {
      throw asNotApplied(error);
    }
  }
  try {
    return await attempt();
  } catch (error) {
    throw asNotApplied(error);
  }
}

/** A worker keeps nothing, so a lost call was not applied, whatever the link says. */
function asNotApplied(error: unknown): unknown {
  if (!isKmsError(error)) return error;
  const code = unreachableCodes.includes(error.code) ? 'UNAVAILABLE' : error.code;
  const message = code === error.code ? error.message : 'no crypto-worker could be reached';
  return new KmsError(code, message, { outcome: 'not-applied', cause: error });
}
