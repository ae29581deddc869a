/** What the timestamp signer's signature covers: three attributes, and what their values must be. */
import { sha256 } from '../crypto/digest.ts';
import { TAG } from '../pki/der.ts';
import { encodeDer } from '../pki/encode-der.ts';
import { CMS_OID } from './rfc3161.ts';

/** The signed attributes by name, each value in DER. */
export interface SignedAttributes {
  readonly contentType: Uint8Array;
  readonly messageDigest: Uint8Array;
  /** Names the signer's certificate by its SHA-256, so that no other certificate of the key or name can stand in for it. */
  readonly signingCertificateV2: Uint8Array;
}

/** The attributes of a token over this TSTInfo by the holder of this certificate (RFC 5652 section 11, RFC 5816). */
export function signedAttributesOf(content: Uint8Array, certificate: Uint8Array): SignedAttributes {
  // RFC 5035 section 3: SHA-256 is said by leaving the algorithm out. The SignerInfo has issuer and serial already.
  const certificateId = encodeDer(TAG.sequence, encodeDer(TAG.octetString, sha256(certificate)));
  return {
    contentType: CMS_OID.tstInfo,
    messageDigest: encodeDer(TAG.octetString, sha256(content)),
    signingCertificateV2: encodeDer(TAG.sequence, encodeDer(TAG.sequence, certificateId)),
  };
}
