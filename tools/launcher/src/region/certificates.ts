// The region's authority and every certificate it issues. Makes what is missing and keeps what is there.
import { hostname } from 'node:os';
import type { CertificateAndKey, CertificateSubject } from '@zonehold/pki';
import type { Clock, Random } from '@zonehold/primitives';
import { refuse } from '../refusal.ts';
import { readIfPresent, writeDurably } from './durable-file.ts';
import type { RegionPaths } from './region-paths.ts';
import type { RegionRecord } from './region-record.ts';
import { serviceNames } from './zones.ts';

interface Place {
  readonly paths: RegionPaths;
  readonly record: RegionRecord;
  readonly clock: Clock;
  readonly random: Random;
}

/** Where a certificate goes, and whom it names. */
interface WantedCertificate {
  readonly certPath: string;
  readonly keyPath: string;
  readonly subject: CertificateSubject;
}

const loopbackNames = { dnsNames: ['localhost'], ipAddresses: ['127.0.0.1', '::1'] };

/** Makes the authority and all certificates that are missing. Refuses when certificates are there but their authority is not. */
export async function ensureCertificates(place: Place): Promise<void> {
  const wanted = wantedCertificates(place);
  const missing = wanted.filter(
    ({ certPath, keyPath }) =>
      readIfPresent(certPath) === undefined || readIfPresent(keyPath) === undefined,
  );
  if (missing.length === 0) return;
  const authority = await ensureAuthority(place, wanted);
  const { issueCertificate } = await loadPki();
  await Promise.all(
    missing.map(async ({ certPath, keyPath, subject }) => {
      const { certPem, keyPem } = await issueCertificate(authority, subject, place);
      writeDurably(keyPath, keyPem);
      writeDurably(certPath, certPem, 'public');
    }),
  );
}

async function ensureAuthority(
  place: Place,
  wanted: readonly WantedCertificate[],
): Promise<CertificateAndKey> {
  const { paths, record } = place;
  const certPem = readIfPresent(paths.caCert);
  const keyPem = readIfPresent(paths.caKey);
  if (certPem !== undefined && keyPem !== undefined) return { certPem, keyPem };
  const orphan = wanted.find(({ certPath }) => readIfPresent(certPath) !== undefined);
  if (orphan !== undefined) {
    return refuse(
      `The region's authority ${paths.caCert} or its key is missing, but ${orphan.certPath} was issued by it. Restore both files. Nothing was changed.`,
    );
  }
  const { createAuthority } = await loadPki();
  const authority = await createAuthority(record.region, place);
  // The key first: a certificate without its key looks finished to the next start.
  writeDurably(paths.caKey, authority.keyPem);
  writeDurably(paths.caCert, authority.certPem, 'public');
  return authority;
}

/** Loaded on a first start only: X.509 takes 20 MB that a launcher would hold for as long as the region runs. */
const loadPki = async () => import('@zonehold/pki');

/** One certificate per service and zone, one for each gateway's public edge, one for the operator. */
function wantedCertificates({ paths, record }: Place): WantedCertificate[] {
  const { clusterId, region } = record;
  const services = record.zones.flatMap(({ zone }) =>
    serviceNames.map((service) => ({
      certPath: paths.zone(zone).cert(service),
      keyPath: paths.zone(zone).key(service),
      subject: { clusterId, region, zone, service, ...loopbackNames },
    })),
  );
  const edges = record.zones.map(({ zone }) => ({
    certPath: paths.zone(zone).cert('gateway-edge'),
    keyPath: paths.zone(zone).key('gateway-edge'),
    subject: {
      clusterId,
      region,
      zone,
      service: 'gateway',
      dnsNames: [...new Set(['localhost', hostname()])],
      ipAddresses: loopbackNames.ipAddresses,
    },
  }));
  const operator = {
    certPath: paths.operatorCert,
    keyPath: paths.operatorKey,
    subject: { clusterId, region, zone: '-', service: 'operator' },
  };
  return [...services, ...edges, operator];
}
