// signToken: a compact JWS over claims that the key-manager chose. Claims are not judged here.
import { SignJWT } from 'jose';
import type { SignTokenReply } from '@zonehold/api-contract';
import { idOf, membersOf, textOf } from '../request-shape.ts';
import type { Room } from '../room.ts';

/** The header has `alg` ES256 and `kid`, nothing else. Fails with INTEGRITY when the sealed key is not the one `kid` names. */
export async function signToken(room: Room, body: unknown): Promise<SignTokenReply> {
  const members = membersOf(body);
  const kid = idOf(members, 'kid');
  const claims = membersOf(members['claims'], 'claims');
  const key = room.signingKeys.privateKey(kid, textOf(members, 'sealedPrivateKey'));
  const token = await new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'ES256', kid })
    .sign(key);
  return { token };
}
