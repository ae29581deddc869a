/** The client's half of the handshake (docs/PROTOCOL.md, section 4): who is at the other end, and which key is for this session alone. */
import { decodeBase64url } from '../../shared/bytes.ts';
import { digestOfText } from '../../shared/crypto/digest.ts';
import { type JwsSigner, signJws, verifyJws } from '../../shared/crypto/jws.ts';
import { ProtocolError } from '../../shared/errors.ts';
import {
  type Certificate,
  parseCertificate,
  type Revocations,
  verifyCertificate,
} from '../../shared/pki/verify-certificate.ts';
import { type HelloAnswer, SessionOffer, type SessionProof } from '../../shared/wire/socket-events.ts';
import type { CertificatePem, CompactJws, HouseId, Instant } from '../../shared/wire/vocabulary.ts';

/** What the client knows before it believes an offer. */
export interface OfferContext {
  readonly root: Certificate;
  /** Looks up whether a DMS certificate was revoked. */
  readonly revocations: (issuer: Certificate) => Promise<Revocations>;
  /** The trusted time. */
  readonly at: Instant;
  /** What this client said hello with. */
  readonly nonce: string;
  /** Who this client is. */
  readonly subject: string;
}

/** An offer that a DMS of this root made to this client, just now. */
export interface VerifiedOffer {
  readonly text: CompactJws;
  readonly claims: SessionOffer;
  readonly house: HouseId;
  /** The node's certificate and its issuing CA's. */
  readonly chain: readonly CertificatePem[];
  /** Raw X25519 key of 32 bytes. */
  readonly sealingKey: Uint8Array;
}

/**
 * Verifies the answer to `hello`. Throws `peer-untrusted` for every way in which it is not a fresh offer to us by a DMS
 * under our root; `dms-unreachable` where the DMS still has to renew its certificate.
 */
export async function verifyOffer(
  answer: HelloAnswer & { readonly outcome: 'accepted' },
  context: OfferContext,
): Promise<VerifiedOffer> {
  // A DMS of our root is at the other end: its certificate is of the closed profile, valid now, and not revoked.
  const dms = await verifyDms(answer.chain, context);
  // The key of that certificate made this offer.
  const claims = await verifyJws(answer.offer, {
    typ: 'session-offer+jwt',
    key: dms.publicKey,
    schema: SessionOffer,
  }).catch(untrusted('the offer does not verify'));
  // It is an answer to our hello, and no earlier one.
  if (claims.clientNonce !== context.nonce)
    throw new ProtocolError('peer-untrusted', 'the offer answers another hello');
  // It is meant for us.
  if (claims.sub !== context.subject) throw new ProtocolError('peer-untrusted', 'the offer is for somebody else');
  // The house is the one that the certificate is for.
  if (claims.house !== dms.house) throw new ProtocolError('peer-untrusted', 'the offer is of another house');
  // It has not ended yet.
  if (claims.exp <= context.at) throw new ProtocolError('session-expired', 'the offer is over');
  const sealingKey = decodeBase64url(claims.sealingKey) ?? new Uint8Array();
  return { text: answer.offer, claims, house: claims.house, chain: answer.chain, sealingKey };
}

/** Shows that we hold the key of our certificate, for this offer and no other. */
export function proveSession(signer: JwsSigner, offer: VerifiedOffer): Promise<CompactJws> {
  const { session, serverNonce } = offer.claims;
  const proof: SessionProof = { session, serverNonce, offer: digestOfText(offer.text) };
  return signJws(signer, 'session-proof+jwt', proof);
}

async function verifyDms(
  [leaf, authority]: readonly string[],
  { root, revocations, at }: OfferContext,
): Promise<Certificate & { readonly house: HouseId }> {
  try {
    const certificate = parseCertificate(leaf ?? '');
    const issuer = parseCertificate(authority ?? '');
    const dms = verifyCertificate(certificate, 'dms-node', { root, issuer, at });
    // Only now the list: the issuer is known to be the root's.
    if ((await revocations(issuer)).isRevoked(issuer, dms.serialHex)) throw new ProtocolError('certificate-revoked');
    return dms;
  } catch (error) {
    throw ofThePeer(error);
  }
}

/** The codes say what is wrong with a certificate, and by them we would mend our own: here it is the other one's. */
function ofThePeer(error: unknown): unknown {
  if (!(error instanceof ProtocolError)) return error;
  switch (error.code) {
    case 'certificate-expired':
    case 'certificate-not-yet-valid':
      return new ProtocolError('dms-unreachable', 'its certificate is not valid at the trusted time', { cause: error });
    case 'certificate-malformed':
    case 'certificate-untrusted':
    case 'certificate-revoked':
    case 'revocation-list-invalid':
      return new ProtocolError('peer-untrusted', error.message, { cause: error });
    default:
      return error;
  }
}

function untrusted(detail: string): (cause: unknown) => never {
  return (cause) => {
    if (cause instanceof ProtocolError) throw new ProtocolError('peer-untrusted', detail, { cause });
    throw cause;
  };
}
