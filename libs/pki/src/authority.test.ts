// Certificates are checked by Node's own TLS stack: a real handshake on loopback, no parsing of our own.
import { once } from 'node:events';
import { connect, createServer, type TLSSocket } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { systemClock as clock, systemRandom as random } from '@zonehold/primitives';
import { describe, expect, it } from 'vitest';
import { createAuthority, identityUri, issueCertificate } from './authority.ts';

const subject = { clusterId: 'c1', region: 'us-south', zone: 'us-south-1', service: 'gateway' };

async function handshake(options: {
  serverCa: string;
  clientCa: string;
  server: { certPem: string; keyPem: string };
  client: { certPem: string; keyPem: string };
}): Promise<string | undefined> {
  const server = createServer({
    ca: options.serverCa,
    cert: options.server.certPem,
    key: options.server.keyPem,
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.3',
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'secureConnection') as Promise<[TLSSocket]>;
  const refused = once(server, 'tlsClientError').then(([error]: unknown[]) => {
    throw error as Error;
  });
  const socket = connect({
    host: '127.0.0.1',
    servername: 'localhost',
    port: (server.address() as AddressInfo).port,
    ca: options.clientCa,
    cert: options.client.certPem,
    key: options.client.keyPem,
  });
  const failed = once(socket, 'error').then(([error]: unknown[]) => {
    throw error as Error;
  });
  try {
    const [peer] = await Promise.race([accepted, refused, failed]);
    return peer.getPeerCertificate().subjectaltname;
  } finally {
    socket.destroy();
    server.close();
    refused.catch(() => undefined);
    failed.catch(() => undefined);
  }
}

describe('the region authority', () => {
  it('issues certificates that Node accepts on both sides and that name the service', async () => {
    const authority = await createAuthority('us-south', { clock, random });
    const pair = await issueCertificate(
      authority,
      { ...subject, dnsNames: ['localhost'], ipAddresses: ['127.0.0.1'] },
      { clock, random },
    );
    const names = await handshake({
      serverCa: authority.certPem,
      clientCa: authority.certPem,
      server: pair,
      client: pair,
    });
    expect(names).toContain(`URI:${identityUri(subject)}`);
  });

  it("is not accepted by another region's authority", async () => {
    const ours = await createAuthority('us-south', { clock, random });
    const theirs = await createAuthority('eu-de', { clock, random });
    const server = await issueCertificate(
      ours,
      { ...subject, dnsNames: ['localhost'] },
      { clock, random },
    );
    const client = await issueCertificate(
      theirs,
      { ...subject, region: 'eu-de' },
      { clock, random },
    );
    await expect(
      handshake({ serverCa: ours.certPem, clientCa: ours.certPem, server, client }),
    ).rejects.toThrow();
  });
});
