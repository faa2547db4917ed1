// Reconnecting politely, and talking only to the server that is meant.
import type { PeerCertificate } from 'node:tls';
import { SeededRandom } from '@zonehold/primitives';
import { describe, expect, it } from 'vitest';
import { reconnectDelayMs, redisIdentityUri, refuseOtherIdentity } from './redis-connection.ts';

describe('reconnectDelayMs', () => {
  it('stays within 50 and 1000 ms, however often it failed', () => {
    const random = new SeededRandom(1);
    const delays = Array.from({ length: 200 }, (_, attempt) =>
      reconnectDelayMs(attempt + 1, random),
    );
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(50);
    expect(Math.max(...delays)).toBeLessThanOrEqual(1000);
    expect(new Set(delays.slice(50)).size).toBeGreaterThan(50);
  });
});

describe('refuseOtherIdentity', () => {
  const uri = redisIdentityUri('cluster-1', 'us-south', 'us-south-1');
  const certificate = (subjectaltname: string): PeerCertificate =>
    ({ subjectaltname, subject: { CN: 'redis' } }) as PeerCertificate;

  it('accepts the zone it means, and refuses another zone, region, or a longer name', () => {
    const judge = (name: string) =>
      refuseOtherIdentity('127.0.0.1', certificate(`URI:${name}, IP Address:127.0.0.1`), uri);
    expect(judge(uri)).toBeUndefined();
    expect(judge(uri.replace('us-south-1', 'us-south-2'))?.message).toContain(uri);
    expect(judge(`${uri}/more`)).toBeInstanceOf(Error);
  });

  it('also wants the host in the certificate', () => {
    const judged = refuseOtherIdentity(
      '10.0.0.1',
      certificate(`URI:${uri}, IP Address:127.0.0.1`),
      uri,
    );
    expect(judged).toBeInstanceOf(Error);
  });
});
