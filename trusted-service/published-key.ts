/** A signer's public key as it stands in the key set (RFC 7517). */
import { invariant } from '../shared/invariant.ts';
import type { Certificate } from '../shared/pki/certificate.ts';
import type { KeySet } from '../shared/wire/http-endpoints.ts';

/** The key with its certificate and that of its issuing CA. */
export function publishedKey(certificate: Certificate, authority: Certificate): KeySet['keys'][number] {
  const { x, y } = certificate.publicKey.export({ format: 'jwk' });
  invariant(x !== undefined && y !== undefined, 'a P-256 key has two coordinates');
  const x5c = [certificate, authority].map(base64Der);
  return { kty: 'EC', crv: 'P-256', x, y, kid: certificate.subject, alg: 'ES256', use: 'sig', x5c };
}

export function base64Der({ der }: Certificate): string {
  return Buffer.from(der).toString('base64');
}
