// The region's own certificate authority. Every region has another one, so a certificate of region B does not even chain
// in region A; the identity inside names the region again, for regions that would share an authority.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  AuthorityKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
  type JsonGeneralName,
} from '@peculiar/x509';
import { toHex, type Clock, type Random } from '@zonehold/primitives';

cryptoProvider.set(webcrypto as unknown as Parameters<typeof cryptoProvider.set>[0]);

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const dayMs = 86_400_000;
/** Ten years: a private authority in a laptop's region must not die in the middle of its life. */
const authorityLifetimeMs = 3650 * dayMs;
/** Clocks of hosts differ a little: valid from an hour ago. */
const backdatedMs = 3_600_000;

/** A certificate and its private key (PKCS#8), both PEM. */
export interface CertificateAndKey {
  readonly certPem: string;
  readonly keyPem: string;
}

/** Who a service certificate is for. `zone` is `-` for the operator. */
export interface CertificateSubject {
  readonly clusterId: string;
  readonly region: string;
  readonly zone: string;
  readonly service: string;
  /** For servers that clients verify by name. */
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
}

interface Dependencies {
  readonly clock: Clock;
  readonly random: Random;
}

/** The identity that a certificate's URI SAN carries (docs/architecture.md §3). */
export function identityUri(subject: CertificateSubject): string {
  const { clusterId, region, zone, service } = subject;
  return `spiffe://zonehold/${clusterId}/${region}/${zone}/${service}`;
}

/** Makes the authority of a new region: a self-signed P-256 certificate that may only sign end certificates. */
export async function createAuthority(
  region: string,
  { clock, random }: Dependencies,
): Promise<CertificateAndKey> {
  const keys = await generateKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(random),
    name: `O=Zonehold, CN=Zonehold region ${region} authority`,
    notBefore: new Date(clock.wallMs() - backdatedMs),
    notAfter: new Date(clock.wallMs() + authorityLifetimeMs),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certPem: certificate.toString('pem'), keyPem: await exportKey(keys.privateKey) };
}

/**
 * Issues a certificate for one service, good as server and as client (services are both). Valid as long as its authority.
 * Throws when `authority` is not a certificate and key in PEM.
 */
export async function issueCertificate(
  authority: CertificateAndKey,
  subject: CertificateSubject,
  { clock, random }: Dependencies,
): Promise<CertificateAndKey> {
  const issuer = new X509Certificate(authority.certPem);
  const signingKey = await importKey(authority.keyPem);
  const keys = await generateKeys();
  const names: JsonGeneralName[] = [
    { type: 'url', value: identityUri(subject) },
    ...(subject.dnsNames ?? []).map((value) => ({ type: 'dns', value }) as const),
    ...(subject.ipAddresses ?? []).map((value) => ({ type: 'ip', value }) as const),
  ];
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber(random),
    subject: `O=Zonehold, CN=${subject.service} ${subject.zone} ${subject.region}`,
    issuer: issuer.subject,
    notBefore: new Date(clock.wallMs() - backdatedMs),
    notAfter: issuer.notAfter,
    signingAlgorithm: algorithm,
    signingKey,
    publicKey: keys.publicKey,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
      new SubjectAlternativeNameExtension(names),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return { certPem: certificate.toString('pem'), keyPem: await exportKey(keys.privateKey) };
}

async function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

async function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const [der] = PemConverter.decode(pem);
  if (der === undefined) throw new Error('the authority key is not PEM');
  return webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']);
}

/** 127 random bits, positive as RFC 5280 §4.1.2.2 asks. */
function serialNumber(random: Random): string {
  const bytes = Uint8Array.from(random.bytes(16));
  bytes[0] = (bytes[0] ?? 0) & 0x7f;
  return toHex(bytes);
}
