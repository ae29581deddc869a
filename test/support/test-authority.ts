/** A root, an issuing CA and whatever they issue, with the keys in the test's hands. */
import { generateP256, type P256KeyPair } from '../../shared/crypto/ecdsa.ts';
import { generateX25519 } from '../../shared/crypto/x25519.ts';
import { PROFILES, type ProfileName } from '../../shared/pki/certificate-profile.ts';
import type { Certificate } from '../../shared/pki/verify-certificate.ts';
import { buildCertificate, type CertificateOrder } from '../../shared/pki/x509-builder.ts';
import { HouseId } from '../../shared/wire/vocabulary.ts';

const DAY_MS = 24 * 3_600_000;

export const TEST_HOUSE: HouseId = HouseId.parse('5f0c4a52-0c1f-4f0e-9b1a-3a6a5c0d8e21');
export const LEAF_PROFILES = [
  'token-signer',
  'timestamp-signer',
  'dms-node',
  'trusted-service-tls',
  'participant',
] as const;
export const ALL_PROFILES = ['root', 'issuing-ca', ...LEAF_PROFILES] as const;

/** A certificate and its keys. */
export interface Issued {
  readonly certificate: Certificate;
  readonly keys: P256KeyPair;
}

export interface TestAuthority {
  readonly root: Issued;
  readonly issuer: Issued;
  /** A certificate of any profile, signed by whoever issues it. */
  issue(profile: ProfileName, changes?: Partial<CertificateOrder>): Promise<Issued>;
}

/** What the holders of a profile's certificates are in these tests. */
export function sampleFacts(profile: ProfileName): Pick<CertificateOrder, 'agreementKey' | 'hosts' | 'house'> {
  const { carries } = PROFILES[profile];
  return {
    agreementKey: carries.includes('agreement-key') ? generateX25519().publicKey : undefined,
    hosts: carries.includes('hosts') ? ['localhost', '127.0.0.1', '::1'] : undefined,
    house: carries.includes('house') ? TEST_HOUSE : undefined,
  };
}

/** A fresh authority whose certificates begin an hour before `now`. */
export async function createTestAuthority(now: number): Promise<TestAuthority> {
  const span = (days: number) => ({ notBefore: now - 3_600_000, notAfter: now + days * DAY_MS });
  const root = await selfSigned(span(3_650));
  const issuer = await issued(root, 'issuing-ca', span(365));
  return {
    root,
    issuer,
    issue: (profile, changes = {}) => {
      if (profile === 'root') return selfSigned({ ...span(3_650), ...changes });
      const parent = PROFILES[profile].issuedBy === 'root' ? root : issuer;
      return issued(parent, profile, { ...span(1), ...changes });
    },
  };
}

async function selfSigned(changes: Partial<CertificateOrder> & Span): Promise<Issued> {
  const keys = generateP256();
  const order = { profile: 'root', publicKey: keys.publicKey, issuer: { key: keys.privateKey }, ...changes } as const;
  return { certificate: await buildCertificate(order), keys };
}

type Span = Pick<CertificateOrder, 'notBefore' | 'notAfter'>;

async function issued(
  parent: Issued,
  profile: ProfileName,
  changes: Partial<CertificateOrder> & Span,
): Promise<Issued> {
  const keys = generateP256();
  const issuer = { key: parent.keys.privateKey, certificate: parent.certificate };
  const order = { profile, publicKey: keys.publicKey, issuer, ...sampleFacts(profile), ...changes };
  return { certificate: await buildCertificate(order), keys };
}
