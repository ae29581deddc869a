/** From the root certificate alone to the keys that sign tokens and timestamps. A key is trusted because its certificate says so. */
import { coordinatesOf, type P256PublicKey } from '#platform/p256.ts';
import { ProtocolError, type RefusalCode } from '../errors.ts';
import type { KeySet } from '../wire/http-endpoints.ts';
import type { Certificate } from './certificate.ts';
import { decodeBase64 } from './pem.ts';
import { parseCertificateDer, type Trust, verifyCertificate } from './verify-certificate.ts';

/** The authority's name (`iss` of what it signs, `aud` of what is signed for it): bound to the root, needs no configuration. */
export function authorityName(root: Certificate): string {
  return `sha256:${root.sha256}`;
}

/** The authority's keys that may be used now, by `kid`. */
export interface AuthorityKeys {
  readonly token: ReadonlyMap<string, P256PublicKey>;
  readonly timestamp: ReadonlyMap<string, P256PublicKey>;
  /** The issuing CAs of now: those above these keys, and those that are published beside them. */
  readonly issuers: readonly Certificate[];
}

type PublishedKey = KeySet['keys'][number];
type SignerProfile = 'token-signer' | 'timestamp-signer';

/** What is left out rather than refused: a set may hold the key of yesterday and that of tomorrow. */
const NOT_NOW: readonly RefusalCode[] = ['certificate-expired', 'certificate-not-yet-valid'];

/**
 * Verifies every key of a published key set under the root. Keys that are not valid at the trusted time are left out.
 * @throws ProtocolError 'key-set-invalid' if any key is not the authority's, or if none is left
 */
export function verifyKeySet(keySet: KeySet, root: Certificate, at: number): AuthorityKeys {
  const keys = {
    'token-signer': new Map<string, P256PublicKey>(),
    'timestamp-signer': new Map<string, P256PublicKey>(),
  };
  const issuers = new Map<string, Certificate>();
  const seen = new Set<string>();
  for (const key of keySet.keys) {
    if (seen.has(key.kid)) throw new ProtocolError('key-set-invalid', 'a key occurs twice');
    seen.add(key.kid);
    const verified = verifyKey(key, root, at);
    if (verified === undefined) continue;
    keys[verified.profile].set(key.kid, verified.signer.publicKey);
    issuers.set(verified.issuer.sha256, verified.issuer);
  }
  for (const text of keySet.issuers ?? []) {
    const issuer = verifyIssuer(text, root, at);
    if (issuer !== undefined) issuers.set(issuer.sha256, issuer);
  }
  if (keys['token-signer'].size + keys['timestamp-signer'].size === 0)
    throw new ProtocolError('key-set-invalid', 'no key is valid at the trusted time');
  return { token: keys['token-signer'], timestamp: keys['timestamp-signer'], issuers: [...issuers.values()] };
}

interface VerifiedKey {
  readonly profile: SignerProfile;
  readonly signer: Certificate;
  readonly issuer: Certificate;
}

function verifyKey(key: PublishedKey, root: Certificate, at: number): VerifiedKey | undefined {
  try {
    const [signer, issuer] = key.x5c.map(parseX5c);
    if (signer === undefined || issuer === undefined)
      throw new ProtocolError('key-set-invalid', 'a chain is incomplete');
    demandSameKey(key, signer);
    return { profile: verifySigner(signer, { root, issuer, at }), signer, issuer };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    // A key of another day is no reason to refuse those of today.
    if (NOT_NOW.includes(error.code)) return undefined;
    throw new ProtocolError('key-set-invalid', error.detail, { cause: error });
  }
}

/** An issuing CA may be published before it issues anything that is in the set, and after. */
function verifyIssuer(text: string, root: Certificate, at: number): Certificate | undefined {
  try {
    return verifyCertificate(parseX5c(text), 'issuing-ca', { root, issuer: root, at });
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    if (NOT_NOW.includes(error.code)) return undefined;
    throw new ProtocolError('key-set-invalid', error.detail, { cause: error });
  }
}

function parseX5c(text: string): Certificate {
  const der = decodeBase64(text);
  if (der === undefined) throw new ProtocolError('key-set-invalid', 'a certificate is not in base64');
  return parseCertificateDer(der);
}

/** The JWK says nothing that its certificate does not say. */
function demandSameKey(key: PublishedKey, signer: Certificate): void {
  const { x, y } = coordinatesOf(signer.publicKey);
  if (key.x !== x || key.y !== y || key.kid !== signer.subject) {
    throw new ProtocolError('key-set-invalid', 'a key is not that of its certificate');
  }
}

/** What the key is for: whichever of the two profiles the certificate verifies as. No certificate is of both. */
function verifySigner(signer: Certificate, trust: Trust): SignerProfile {
  try {
    verifyCertificate(signer, 'token-signer', trust);
    return 'token-signer';
  } catch (error) {
    if (!(error instanceof ProtocolError && error.code === 'certificate-untrusted')) throw error;
    // Not a token signer; then it must be the other.
    verifyCertificate(signer, 'timestamp-signer', trust);
    return 'timestamp-signer';
  }
}
