/** The two envelopes of a disclosure: each party's identity, signed by us, sealed so that only the other party reads it. */
import { encodeBase64url, utf8 } from '../../shared/bytes.ts';
import { sealTo } from '../../shared/crypto/ecies.ts';
import { type JwsSigner, signJws } from '../../shared/crypto/jws.ts';
import { ProtocolError } from '../../shared/errors.ts';
import { invariant } from '../../shared/invariant.ts';
import { type Certificate, parseCertificate } from '../../shared/pki/verify-certificate.ts';
import { Disclosure } from '../../shared/wire/announcements.ts';
import type { DiscloseAnswer } from '../../shared/wire/http-endpoints.ts';
import type { Subject } from '../../shared/wire/vocabulary.ts';
import type { Registry } from '../certificate-authority/registry.ts';
import type { CertificateRecords } from '../store/certificate-records.ts';
import type { DisclosedSale } from '../store/disclosure-records.ts';
import type { VerifiedSale } from './verify-evidence.ts';

type Role = Disclosure['role'];

/** Who a party is, as the other one will read it. Throws 'evidence-invalid' for a key that was never enrolled here. */
export function describeParty(sale: VerifiedSale, role: Role, registry: Registry, authority: string): Disclosure {
  const certificate: Certificate = sale[role];
  const participant = registry.find(certificate.subject);
  if (participant === undefined) throw new ProtocolError('evidence-invalid', `${role}-not-enrolled`);
  const { subject, username, contact } = participant;
  return {
    iss: authority,
    lot: sale.lot,
    role,
    subject,
    username,
    ...(contact === undefined ? {} : { contact }),
    certificate: certificate.pem,
  };
}

export interface SealingParts {
  readonly records: CertificateRecords;
  /** The token signer: the key with which this authority speaks about participants. Its `typ` keeps the two apart. */
  readonly signer: JwsSigner;
}

/**
 * Signs both descriptions and seals each to the other party's agreement key: that of the certificate which the party
 * was given last, since the party may have renewed after the sale.
 */
export async function sealIdentities(disclosed: DisclosedSale, parts: SealingParts): Promise<DiscloseAnswer> {
  const seller = Disclosure.parse(JSON.parse(disclosed.seller));
  const winner = Disclosure.parse(JSON.parse(disclosed.winner));
  return {
    seller: await sealForParty(seller.subject, winner, parts),
    winner: await sealForParty(winner.subject, seller, parts),
  };
}

async function sealForParty(receiver: string, about: Disclosure, { records, signer }: SealingParts): Promise<string> {
  const newest = records.newestOf(receiver as Subject);
  invariant(newest !== undefined, 'a party of a verified sale has been certified');
  const { agreementKey } = parseCertificate(newest.pem);
  invariant(agreementKey !== undefined, "a participant's certificate carries an agreement key");
  const statement = await signJws(signer, 'disclosure+jwt', about);
  return encodeBase64url(await sealTo(agreementKey, utf8.encode(statement)));
}
