/**
 * Who issued a certificate, and whether it may be used now. A path has exactly three certificates, root, issuing CA and
 * leaf, and each is exactly of its closed profile: what this system would have issued, byte for byte, or refused.
 */
import type { Brand } from '../brand.ts';
import { equalBytes } from '../bytes.ts';
import { ProtocolError } from '../errors.ts';
import { MAX_CERTIFICATE_PEM_CHARACTERS } from '../wire/limits.ts';
import type { HouseId } from '../wire/vocabulary.ts';
import { type Certificate, readCertificate } from './certificate.ts';
import { hasFactsOf, profileExtensions } from './certificate-extensions.ts';
import { PROFILES, type ProfileName } from './certificate-profile.ts';
import { refusingDer } from './der.ts';
import { encodeCommonName } from './encode-der.ts';
import { decodePem } from './pem.ts';
import { isSignedBy } from './signed-structure.ts';

export type { Certificate };

/**
 * Reads a certificate from PEM.
 * @throws ProtocolError 'certificate-malformed': not X.509 v3 in strict DER, P-256, ecdsa-with-SHA256, at most 2 KiB.
 */
export function parseCertificate(pem: string): Certificate {
  const der = decodePem('CERTIFICATE', pem, MAX_CERTIFICATE_PEM_CHARACTERS);
  if (der === undefined) throw new ProtocolError('certificate-malformed', 'it is not one certificate in PEM');
  return parseCertificateDer(der);
}

/** Reads a certificate from DER, with the same refusal as `parseCertificate`. */
export function parseCertificateDer(der: Uint8Array): Certificate {
  return refusingDer('certificate-malformed', () => readCertificate(Uint8Array.from(der)));
}

/** What a verified certificate of a profile is known to hold. */
interface Holds {
  readonly 'dms-node': { readonly hosts: readonly string[]; readonly house: HouseId };
  readonly 'trusted-service-tls': { readonly hosts: readonly string[] };
  readonly participant: { readonly agreementKey: Uint8Array };
}

/** A certificate of this profile, issued under the root, valid when it was verified. */
export type VerifiedCertificate<Profile extends ProfileName> = Brand<Certificate, Profile> &
  (Profile extends keyof Holds ? Holds[Profile] : unknown);

/** Whether a certificate was revoked. An answer about an issuer that the list does not speak for is an error, never a no. */
export interface Revocations {
  isRevoked(issuer: Certificate, serialHex: string): boolean;
}

export interface IssuedUnder {
  /** From `verifyRoot`: the operator's or user's own configuration. */
  readonly root: Certificate;
  /** The issuing CA, as the peer sent it. For an 'issuing-ca' itself it is the root. */
  readonly issuer: Certificate;
}

export interface Trust extends IssuedUnder {
  /** The trusted time, milliseconds since the Unix epoch. */
  readonly at: number;
  readonly revocations?: Revocations;
}

/**
 * Reads a root certificate and checks that it is of the profile 'root' and signed by its own key. What makes it trusted
 * is only where it came from: a file that the user chose, or a fingerprint that the caller compares.
 * @throws ProtocolError 'certificate-malformed' | 'certificate-untrusted'
 */
export function verifyRoot(pem: string): VerifiedCertificate<'root'> {
  const root = parseCertificate(pem);
  verifyStep(root, 'root', root);
  return root as VerifiedCertificate<'root'>;
}

/**
 * Verifies root → issuing CA → `certificate`, each exactly of its profile, all valid at the trusted time.
 * @throws ProtocolError 'certificate-untrusted' | 'certificate-expired' | 'certificate-not-yet-valid' | 'certificate-revoked'
 */
export function verifyCertificate<Profile extends ProfileName>(
  certificate: Certificate,
  profile: Profile,
  trust: Trust,
): VerifiedCertificate<Profile> {
  const { issuer, at, revocations } = trust;
  const verified = verifyIssuance(certificate, profile, trust);
  verifyValidity(certificate, trust, at);
  if (revocations?.isRevoked(issuer, certificate.serialHex)) {
    throw new ProtocolError('certificate-revoked', `serial ${certificate.serialHex}`);
  }
  return verified;
}

/**
 * The part of `verifyCertificate` that does not depend on time: who issued it, and as what.
 * @throws ProtocolError 'certificate-untrusted'
 */
export function verifyIssuance<Profile extends ProfileName>(
  certificate: Certificate,
  profile: Profile,
  { root, issuer }: IssuedUnder,
): VerifiedCertificate<Profile> {
  // The root is the configured one, of its own profile.
  verifyForm(root, 'root', root);
  if (PROFILES[profile].issuedBy === 'root') {
    if (!equalBytes(issuer.der, root.der)) throw untrusted(profile, 'is not issued by the root');
  } else {
    // The one authority between is the root's.
    verifyStep(issuer, 'issuing-ca', root);
  }
  // The certificate is the issuer's.
  verifyStep(certificate, profile, issuer);
  return certificate as VerifiedCertificate<Profile>;
}

/**
 * The part of `verifyCertificate` that depends on time: all of the path is valid at the trusted time.
 * @throws ProtocolError 'certificate-expired' | 'certificate-not-yet-valid'
 */
export function verifyValidity(certificate: Certificate, { root, issuer }: IssuedUnder, at: number): void {
  for (const link of [root, issuer, certificate]) demandValidAt(link, at);
}

/**
 * One step of the path: this certificate is of this profile and was signed by this issuer, about which nothing is said.
 * @throws ProtocolError 'certificate-untrusted'
 */
export function verifyStep(certificate: Certificate, profile: ProfileName, issuer: Certificate): void {
  verifyForm(certificate, profile, issuer);
  if (!isSignedBy(certificate.signed, issuer.publicKey)) throw untrusted(profile, 'is not signed by its issuer');
}

/** Everything but the signature: names, facts and extensions are those that the profile issues under this issuer. */
function verifyForm(certificate: Certificate, name: ProfileName, issuer: Certificate): void {
  const profile = PROFILES[name];
  // The subject is the profile's one name.
  if (!equalBytes(certificate.subjectDer, encodeCommonName(profile.commonName)))
    throw untrusted(name, 'has another subject');
  // The issuer is the parent, by name.
  if (!equalBytes(certificate.issuerDer, issuer.subjectDer)) throw untrusted(name, 'names another issuer');
  // It says about its holder what the profile says, no less and no more.
  if (!hasFactsOf(profile, certificate)) throw untrusted(name, 'says other things about its holder than it may');
  // Its extensions, with their order, criticality and values (the key identifiers among them), are the issued bytes.
  const issuerKey = name === 'root' ? {} : { issuer: issuer.keyIdentifier };
  const issued = profileExtensions(profile, certificate, { subject: certificate.keyIdentifier, ...issuerKey });
  const same =
    issued.length === certificate.extensions.length &&
    issued.every((bytes, index) => equalBytes(bytes, certificate.extensions[index]?.encoded ?? new Uint8Array()));
  if (!same) throw untrusted(name, 'has other extensions than its profile');
}

/** Both ends belong to the validity (RFC 5280 section 4.1.2.5). */
function demandValidAt(certificate: Certificate, at: number): void {
  // A time that is no number compares false with everything: it must not count as inside.
  if (!(at >= certificate.notBefore)) throw new ProtocolError('certificate-not-yet-valid');
  if (!(at <= certificate.notAfter)) throw new ProtocolError('certificate-expired');
}

function untrusted(profile: ProfileName, what: string): ProtocolError {
  return new ProtocolError('certificate-untrusted', `the certificate, taken as '${profile}', ${what}`);
}
