/** Who is on the other end, by token and certificate, before anything else is listened to. Possession of the key is shown later. */
import { parseJws } from '../../shared/crypto/jws.ts';
import { ProtocolError, type RefusalCode } from '../../shared/errors.ts';
import { AccessTokenClaims, TOKEN_TYPE, verifyAccessToken } from '../../shared/pki/access-token.ts';
import type { AuthorityKeys } from '../../shared/pki/trust-anchors.ts';
import {
  type Certificate,
  parseCertificate,
  type Revocations,
  type VerifiedCertificate,
  verifyCertificate,
} from '../../shared/pki/verify-certificate.ts';
import { ConnectionAuth, type Renew } from '../../shared/wire/socket-events.ts';
import type { Instant, Subject } from '../../shared/wire/vocabulary.ts';

/** What a session needs of its participant's certificate: a tenth of what a parsed one holds, for as long as it lasts. */
export type PeerCertificate = Pick<
  VerifiedCertificate<'participant'>,
  'pem' | 'serialHex' | 'publicKey' | 'notBefore' | 'notAfter'
>;

/** A participant whose papers were good when they were looked at. */
export interface Peer {
  readonly subject: Subject;
  readonly certificate: PeerCertificate;
  /** One object for all whom it certified. */
  readonly issuer: Certificate;
  readonly tokenExpiresAt: Instant;
}

/** What papers are judged by. */
export interface PeerTrust {
  readonly keyring: {
    readonly root: Certificate;
    readonly authority: string;
    keysFor(jws: string, at: number): Promise<AuthorityKeys>;
    lookAgain(at: number): Promise<void>;
  };
  readonly revocations: { at(at: number): Promise<Revocations> };
  readonly time: { now(): Instant };
}

/** Has the cryptography done when it is its turn. */
export type Turn = <Result>(work: () => Promise<Result>) => Promise<Result>;

const AT_ONCE: Turn = (work) => work();

/**
 * Verifies the `auth` of a connection: form, certificate path, validity, revocation, token.
 * @throws ProtocolError with the code of the first check that fails
 */
export async function authenticatePeer(auth: unknown, trust: PeerTrust, turn: Turn = AT_ONCE): Promise<Peer> {
  // It has the form of an `auth`.
  const parsed = ConnectionAuth.safeParse(auth);
  if (!parsed.success) throw new ProtocolError('malformed', fieldsOf(parsed.error.issues));
  const { token, certificate, chain } = parsed.data;
  const papers = { token, certificate: parseCertificate(certificate) };
  const issuers = chain.map(parseCertificate);
  return lookingTwice(trust, () => verifyPapers(papers, issuers, trust, turn));
}

/** Whose papers these are, by their own word; `undefined` for what is no `auth`. Nothing is verified. */
export function claimedSubject(auth: unknown): Subject | undefined {
  const parsed = ConnectionAuth.safeParse(auth);
  if (!parsed.success) return undefined;
  try {
    return parseJws(parsed.data.token, TOKEN_TYPE, AccessTokenClaims).claims.sub;
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}

/** Verifies the papers with which a live session goes on. They belong to whom the session belongs to. */
export async function authenticateRenewal(
  { token, certificate }: Renew,
  peer: Peer,
  trust: PeerTrust,
  turn: Turn = AT_ONCE,
): Promise<Peer> {
  const papers = { token, certificate: parseCertificate(certificate) };
  const renewed = await lookingTwice(trust, async () => {
    const { issuers } = await trust.keyring.keysFor(token, trust.time.now());
    return verifyPapers(papers, [peer.issuer, ...issuers], trust, turn);
  });
  if (renewed.subject !== peer.subject) throw new ProtocolError('token-not-for-certificate', 'of another participant');
  return renewed;
}

/** Why papers that were good are so no longer, at the trusted time; `undefined` while they are. */
export function lapseOf(peer: Peer, at: Instant, revocations: Revocations | undefined): LapseCode | undefined {
  if (at >= peer.tokenExpiresAt) return 'token-expired';
  if (at > Math.min(peer.certificate.notAfter, peer.issuer.notAfter)) return 'certificate-expired';
  // The clock was set back to before the certificate was made.
  if (at < peer.certificate.notBefore) return 'certificate-not-yet-valid';
  return revocations?.isRevoked(peer.issuer, peer.certificate.serialHex) ? 'certificate-revoked' : undefined;
}

export type LapseCode = 'token-expired' | 'certificate-expired' | 'certificate-not-yet-valid' | 'certificate-revoked';

/** What an issuing CA can be refused for that took over since we last looked. */
const OF_A_NEW_ISSUER: readonly RefusalCode[] = ['certificate-untrusted', 'revocation-list-invalid'];

async function lookingTwice({ keyring, time }: PeerTrust, verify: () => Promise<Peer>): Promise<Peer> {
  try {
    return await verify();
  } catch (error) {
    const mayPass = error instanceof ProtocolError && OF_A_NEW_ISSUER.includes(error.code);
    if (!mayPass) throw error;
    // Others may have asked while we were at it: then what they were told is there already.
    await keyring.lookAgain(time.now());
    return verify();
  }
}

async function verifyPapers(
  { token, certificate }: { readonly token: string; readonly certificate: Certificate },
  issuers: readonly Certificate[],
  { keyring, revocations, time }: PeerTrust,
  turn: Turn,
): Promise<Peer> {
  // What may have to be fetched is there first: whoever waits for the network holds up nobody's turn.
  const known = await revocations.at(time.now());
  const { token: keys, issuers: ours } = await keyring.keysFor(token, time.now());
  return turn(async () => {
    const at = time.now();
    // The certificate is a participant's, issued here, of the present, and not revoked.
    const { root, authority } = keyring;
    const verified = verifyUnderOneOf(certificate, issuers, { root, at, revocations: known });
    // The token is the authority's, of the present, and belongs to this certificate; its subject is the certificate's key.
    const claims = await verifyAccessToken(token, { keys, authority, at, certificate });
    return {
      subject: claims.sub,
      certificate: neededOf(verified.certificate),
      issuer: ours.find(({ sha256 }) => sha256 === verified.issuer.sha256) ?? verified.issuer,
      tokenExpiresAt: (claims.exp * 1_000) as Instant,
    };
  });
}

function neededOf({ pem, serialHex, publicKey, notBefore, notAfter }: PeerCertificate): PeerCertificate {
  return { pem, serialHex, publicKey, notBefore, notAfter };
}

function verifyUnderOneOf(
  certificate: Certificate,
  issuers: readonly Certificate[],
  trust: { root: Certificate; at: number; revocations: Revocations },
): { certificate: VerifiedCertificate<'participant'>; issuer: Certificate } {
  let refusal: unknown = new ProtocolError('certificate-untrusted', 'no issuing CA is known');
  for (const issuer of issuers) {
    try {
      return { certificate: verifyCertificate(certificate, 'participant', { ...trust, issuer }), issuer };
    } catch (error) {
      // Perhaps another issuing CA made it; any other reason will not go away with another issuer.
      if (!(error instanceof ProtocolError && error.code === 'certificate-untrusted')) throw error;
      refusal = error;
    }
  }
  throw refusal;
}

/** The names of the fields that are wrong; their values are the sender's own business. */
export function fieldsOf(issues: readonly { readonly path: readonly PropertyKey[] }[]): string {
  return issues.map(({ path }) => path.map(String).join('.') || '(whole)').join(', ');
}
