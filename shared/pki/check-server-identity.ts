/** Who answers a TLS connection: a server certificate of this root is not enough, it must be of the right profile. */
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import type { ServerProfile } from './server-trust.ts';
import { type Certificate, parseCertificateDer, verifyIssuance } from './verify-certificate.ts';

/** The form of Node's TLS option `checkServerIdentity`: what is wrong with the peer, or nothing. */
export type ServerIdentityCheck = (host: string, peer: PeerCertificate) => Error | undefined;

/**
 * Makes the `checkServerIdentity` of a TLS connection to a server of this profile. Node has verified the path to the root,
 * the times and the purpose; this adds the host's name and the closed profile, so that a DMS, which has a certificate of
 * the same root and may share a host, can't answer for the Trusted Service.
 */
export function createServerIdentityCheck(profile: ServerProfile, root: Certificate): ServerIdentityCheck {
  return (host, peer) => checkServerIdentity(host, peer) ?? profileError(peer, profile, root);
}

function profileError(peer: PeerCertificate, profile: ServerProfile, root: Certificate): Error | undefined {
  try {
    const [leaf, issuer] = chainOf(peer).map(parseCertificateDer);
    if (leaf === undefined || issuer === undefined) return new Error('the server sent no issuing CA');
    verifyIssuance(leaf, profile, { root, issuer });
    return undefined;
  } catch (error) {
    // Node asks for the error as a value: it ends the connection with it.
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** The server's certificate, then its issuer's. Node passes the whole chain here, though its type names only the first. */
function chainOf(peer: PeerCertificate & { issuerCertificate?: PeerCertificate }): Buffer[] {
  return [peer.raw, ...(peer.issuerCertificate === undefined ? [] : [peer.issuerCertificate.raw])];
}
