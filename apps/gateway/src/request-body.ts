// Reads a request's body within a limit, whatever its media type (reference §1.4). What it says is the contract's business.
import { isUtf8 } from 'node:buffer';
import { badBody, type ApiRefusal } from '@zonehold/api-contract';
import type { Exchange } from './exchange.ts';

/** `too-large`: read and thrown away to its end, so the client hears the answer. `endless`: far beyond; stop listening. */
export type BodyRead =
  | { readonly kind: 'read'; readonly bytes: Buffer }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'endless' }
  | { readonly kind: 'aborted' };

const noBytes = Buffer.alloc(0);
const emptyBody: BodyRead = { kind: 'read', bytes: noBytes };

/** A client that overshoots by less is told politely; one that goes on is cut off. */
const discardFactor = 8;

/** Reads the whole body, and only now lets a client send it that waits to be asked (RFC 9110 §10.1.1). Never rejects. */
export function readBody(
  { request, response }: Pick<Exchange, 'request' | 'response'>,
  maxBytes: number,
): Promise<BodyRead> {
  const { headers } = request;
  if (headers.expect !== undefined) response.writeContinue();
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) {
    return Promise.resolve(emptyBody);
  }
  return new Promise((resolve) => {
    let first: Buffer | undefined;
    let chunks: Buffer[] | undefined;
    let sizeBytes = 0;
    request.on('data', (chunk: Buffer) => {
      sizeBytes += chunk.byteLength;
      if (sizeBytes > maxBytes) {
        first = undefined;
        chunks = undefined;
        if (sizeBytes > maxBytes * discardFactor) resolve({ kind: 'endless' });
      } else if (first === undefined) first = chunk;
      else (chunks ??= [first]).push(chunk);
    });
    request.on('end', () => {
      if (sizeBytes > maxBytes) resolve({ kind: 'too-large' });
      else
        resolve({
          kind: 'read',
          bytes: chunks === undefined ? (first ?? noBytes) : Buffer.concat(chunks),
        });
    });
    const aborted = (): void => resolve({ kind: 'aborted' });
    request.on('error', aborted);
    request.on('close', aborted);
  });
}

/** A body's text, or the refusal to pass on. Whether it is JSON is the contract's business. */
export type DecodedText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly refusal: ApiRefusal };

const noText: DecodedText = { ok: true, text: '' };

/** Strict UTF-8 (RFC 8259 §8.1): Buffer would put replacement characters where the client sent something else. */
export function decodeText(bytes: Buffer): DecodedText {
  if (bytes.byteLength === 0) return noText;
  if (!isUtf8(bytes)) return { ok: false, refusal: badBody('it is not UTF-8') };
  return { ok: true, text: bytes.toString('utf8') };
}
