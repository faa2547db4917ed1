// Import tokens as clients use them: what they ask, and what they compute with node:crypto as the documented flow says.
import { constants, createCipheriv, publicEncrypt, randomBytes } from 'node:crypto';
import type {
  OperationReply,
  OperationRequest,
  RetrievedImportTokenBody,
  TokenMaterial,
} from '@zonehold/api-contract';
import { requestOf, send, succeeded, type TestManager, type TestRegion } from './key-managers.ts';

const ask = { lifetimeS: 600, retrievalsMax: 1 };

export interface TokenClient {
  readonly post: (
    over?: Partial<typeof ask>,
    members?: Partial<OperationRequest>,
  ) => OperationRequest;
  readonly get: (members?: Partial<OperationRequest>) => OperationRequest;
  /** Makes a token here, and gives what is shown of it. */
  readonly made: (over?: Partial<typeof ask>) => Promise<RetrievedImportTokenBody>;
  /** Retrieves it elsewhere, unless said otherwise. */
  readonly retrieved: (manager?: TestManager) => Promise<RetrievedImportTokenBody>;
  /** A create that imports what `body` brings. */
  readonly create: (body: object, members?: Partial<OperationRequest>) => OperationRequest;
  readonly importing: (
    tokenMaterial: TokenMaterial,
    manager?: TestManager,
  ) => Promise<OperationReply>;
}

/** A client of the region that `region` gives when it is asked. */
export function tokenClient(region: () => TestRegion): TokenClient {
  const client: TokenClient = {
    post: (over = {}, members = {}) =>
      requestOf(region(), 'postImportToken', { body: { ...ask, ...over }, ...members }),
    get: (members = {}) => requestOf(region(), 'getImportToken', members),
    made: async (over = {}) => tokenOf(await send(region().here, client.post(over))),
    retrieved: async (manager = region().elsewhere) => tokenOf(await send(manager, client.get())),
    create: (body, members = {}) =>
      requestOf(region(), 'createKey', {
        body: { name: 'imported', isExtractable: false, ...body },
        ...members,
      }),
    importing: (tokenMaterial, manager = region().here) =>
      send(manager, client.create({ tokenMaterial })),
  };
  return client;
}

export const tokenOf = (reply: OperationReply): RetrievedImportTokenBody =>
  succeeded(reply).body as unknown as RetrievedImportTokenBody;

/** The documented flow, on the client's side (reference §10.3). */
export function encrypt(
  token: Pick<RetrievedImportTokenBody, 'payload' | 'nonce'>,
  material = randomBytes(32),
): TokenMaterial {
  const key = Buffer.from(token.payload, 'base64').toString('utf8');
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', material, iv);
  const nonce = [cipher.update(Buffer.from(token.nonce, 'base64')), cipher.final()];
  return {
    payload: publicEncrypt({ key, padding, oaepHash: 'sha256' }, material).toString('base64'),
    encryptedNonce: Buffer.concat([...nonce, cipher.getAuthTag()]).toString('base64'),
    iv: iv.toString('base64'),
  };
}
