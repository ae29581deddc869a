/** The pen of the authority in every town: real keys, the same in each run, and what they sign, so that nothing in a town depends on chance. */
import { createECDH, createHash, sign } from 'node:crypto';
import { importKeys } from '#platform/p256.ts';
import { encodeBase64url } from '../../shared/bytes.ts';
import type { P256KeyPair } from '../../shared/crypto/ecdsa.ts';
import {
  type CertificateOrder,
  encodeTbsCertificate,
  encodeTbsRevocationList,
  type RevocationListOrder,
} from '../../shared/pki/encode-tbs.ts';
import { encodeSigned } from '../../shared/pki/sign-linted.ts';
import { type Certificate, parseCertificateDer } from '../../shared/pki/verify-certificate.ts';

/** A key pair that is the same whenever it is asked for by this name. */
export function keysOf(name: string): P256KeyPair {
  const scalar = createHash('sha256').update(name).digest();
  const curve = createECDH('prime256v1');
  curve.setPrivateKey(scalar);
  const point = curve.getPublicKey();
  const coordinate = (from: number) => encodeBase64url(point.subarray(from, from + 32));
  return importKeys(encodeBase64url(scalar), { x: coordinate(1), y: coordinate(33) });
}

/** Whoever signs certificates, and the certificate that says so. */
export interface Authorized {
  readonly keys: P256KeyPair;
  readonly certificate: Certificate;
}

/** Longer than any town lasts, however its clock is set. */
const LONG = { notBefore: Date.UTC(2000, 0), notAfter: Date.UTC(2100, 0) };

const rootKeys = keysOf('root');
const ROOT_ORDER = { profile: 'root', publicKey: rootKeys.publicKey, serialHex: '41', ...LONG } as const;
export const ROOT: Certificate = certify(ROOT_ORDER, { keys: rootKeys });

const issuingKeys = keysOf('issuing CA');
const ISSUING_ORDER = { profile: 'issuing-ca', publicKey: issuingKeys.publicKey, serialHex: '42', ...LONG } as const;
/** The one issuing CA outlives every town. */
export const ISSUING: Authorized = {
  keys: issuingKeys,
  certificate: certify(ISSUING_ORDER, { keys: rootKeys, certificate: ROOT }),
};

type LeafOrder = Omit<CertificateOrder, 'issuer'> & { readonly serialHex: string };

function certify(order: LeafOrder, by: Pick<Authorized, 'keys'> & Partial<Authorized>): Certificate {
  const { keys, certificate } = by;
  const issuer = { key: keys.privateKey, ...(certificate && { certificate }) };
  return parseCertificateDer(signed(encodeTbsCertificate({ ...order, issuer }), keys));
}

/** A revocation list of an issuing CA, in DER. */
export function signList(order: Omit<RevocationListOrder, 'issuer'>, { keys, certificate }: Authorized): Uint8Array {
  return signed(encodeTbsRevocationList({ ...order, issuer: { key: keys.privateKey, certificate } }), keys);
}

function signed(tbs: Uint8Array, { privateKey }: P256KeyPair): Uint8Array {
  return encodeSigned(tbs, sign('sha256', tbs, privateKey));
}
