export {
  createAuthority,
  identityUri,
  issueCertificate,
  type CertificateAndKey,
  type CertificateSubject,
} from './authority.ts';
