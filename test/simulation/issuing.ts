/** The pen of the authority in every town: real keys and certificates, and what it signs with them. */
import { createHash, sign } from 'node:crypto';
import type { P256KeyPair } from '../../shared/crypto/ecdsa.ts';
import { createJwsSigner, type JwsSigner } from '../../shared/crypto/jws.ts';
import {
  type CertificateOrder,
  encodeTbsCertificate,
  encodeTbsRevocationList,
  type RevocationListOrder,
} from '../../shared/pki/encode-tbs.ts';
import { encodeSigned } from '../../shared/pki/sign-linted.ts';
import { authorityName } from '../../shared/pki/trust-anchors.ts';
import { type Certificate, parseCertificateDer } from '../../shared/pki/verify-certificate.ts';
import type { KeySet } from '../../shared/wire/http-endpoints.ts';
import type { CertificatePem } from '../../shared/wire/vocabulary.ts';
import { base64Der, publishedKey } from '../../trusted-service/published-key.ts';
import { keysOf } from './fixed-keys.ts';
import { HOUSE } from './vocabulary.ts';

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
export const AUTHORITY: string = authorityName(ROOT);

const issuingKeys = keysOf('issuing CA');
const ISSUING_ORDER = { profile: 'issuing-ca', publicKey: issuingKeys.publicKey, serialHex: '42', ...LONG } as const;
/** The one issuing CA outlives every town. */
export const ISSUING: Authorized = {
  keys: issuingKeys,
  certificate: certify(ISSUING_ORDER, { keys: rootKeys, certificate: ROOT }),
};

type LeafOrder = Omit<CertificateOrder, 'issuer'> & { readonly serialHex: string };

const tokenKeys = keysOf('token signer');
const TOKEN_ORDER = { profile: 'token-signer', publicKey: tokenKeys.publicKey, serialHex: '43', ...LONG } as const;
/** Who signs tokens, and what the witness has cosigned. */
export const TOKEN_SIGNER: Authorized = { keys: tokenKeys, certificate: certify(TOKEN_ORDER, ISSUING) };

/** What the authority publishes of itself. */
export const KEY_SET: KeySet = {
  keys: [publishedKey(TOKEN_SIGNER.certificate, ISSUING.certificate)],
  issuers: [base64Der(ISSUING.certificate)],
};

const nodeKeys = keysOf('node');
const NODE_ORDER = { profile: 'dms-node', publicKey: nodeKeys.publicKey, serialHex: '44', ...LONG } as const;
interface NodeIdentity {
  readonly signer: JwsSigner;
  readonly chain: readonly [CertificatePem, CertificatePem];
}

/** Every node is this one. */
export const NODE: NodeIdentity = {
  signer: createJwsSigner(nodeKeys),
  chain: [certify({ ...NODE_ORDER, hosts: ['localhost'], house: HOUSE }, ISSUING).pem, ISSUING.certificate.pem],
};

/** The same where nobody reads what it signs. */
export const UNREAD_NODE: NodeIdentity = { ...NODE, signer: { kid: 'node', sign: async () => new Uint8Array(64) } };

/** Nobody seals anything to a guest here. */
const agreementKey = createHash('sha256').update('agreement').digest();

export function certifyParticipant(order: Omit<LeafOrder, 'profile' | 'agreementKey'>): Certificate {
  return certify({ ...order, profile: 'participant', agreementKey }, ISSUING);
}

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
