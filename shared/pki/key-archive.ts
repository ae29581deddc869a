/** What was signed by a key that left the key set: its certificates are kept, and one of them was valid when it signed. */
import type { P256PublicKey } from '#platform/p256.ts';
import { ProtocolError } from '../errors.ts';
import type { KeyArchive } from '../wire/http-endpoints.ts';
import type { Certificate } from './certificate.ts';
import { decodeBase64 } from './pem.ts';
import { parseCertificateDer, verifyCertificate, verifyIssuance } from './verify-certificate.ts';

/** Which key is looked for. */
export interface FormerKey {
  readonly kid: string;
  readonly profile: 'token-signer' | 'timestamp-signer';
  /** When it signed, where what it signed says so: a certificate must have been valid then. */
  readonly at?: number;
}

/**
 * The key, verified under the root as a signer of this profile; `undefined` if the archive has none. One certificate that
 * verifies is enough: a key has had several, for one span of time after the other.
 * @throws ProtocolError 'key-set-invalid' for an archive that can't be read
 */
export function findFormerKey(archive: KeyArchive, root: Certificate, wanted: FormerKey): P256PublicKey | undefined {
  for (const { kid, x5c } of archive.certificates) {
    if (kid !== wanted.kid) continue;
    const [signer, issuer] = x5c.map(parseX5c);
    if (signer !== undefined && issuer !== undefined && isSigner(signer, { root, issuer }, wanted)) {
      return signer.publicKey;
    }
  }
  return undefined;
}

function isSigner(
  signer: Certificate,
  path: { readonly root: Certificate; readonly issuer: Certificate },
  { kid, profile, at }: FormerKey,
): boolean {
  if (signer.subject !== kid) return false;
  try {
    if (at === undefined) verifyIssuance(signer, profile, path);
    else verifyCertificate(signer, profile, { ...path, at });
    return true;
  } catch (error) {
    // Of another profile, root or time: another certificate may be the one.
    if (error instanceof ProtocolError) return false;
    throw error;
  }
}

function parseX5c(text: string): Certificate {
  const der = decodeBase64(text);
  if (der === undefined) throw new ProtocolError('key-set-invalid', 'a certificate is not in base64');
  return parseCertificateDer(der);
}
