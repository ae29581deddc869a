/**
 * Signs certificates and revocation lists that are exactly of their profile and exactly what was ordered. The profile is
 * the verifier's to know; what the order adds to it (this key, this serial, these dates, this holder) is compared here.
 */
import { equalBytes } from '../bytes.ts';
import { encodeAlternativeNames, readAlternativeNames } from './alternative-names.ts';
import type { Certificate } from './certificate.ts';
import { parseDer } from './der.ts';
import type { NumberedOrder, RevocationListOrder } from './encode-tbs.ts';
import { type RevocationList, verifyRevocationList } from './revocation-list.ts';
import { LintFailure, type Sign, signLinted } from './sign-linted.ts';
import { parseCertificateDer } from './verify-certificate.ts';

/**
 * Signs the TBS of a certificate. `verify` is the closed-profile verifier: it throws, or returns what leaves. In the
 * rehearsal its issuer is the real one with another key.
 * @throws LintFailure
 */
export function signCertificate<Verified extends Certificate>(
  tbs: Uint8Array,
  order: NumberedOrder,
  sign: Sign,
  verify: (certificate: Certificate, issuer: Certificate) => Verified,
): Promise<Verified> {
  return signLinted(`a certificate of the profile '${order.profile}'`, tbs, sign, (der, standIn) => {
    const certificate = parseCertificateDer(der);
    const issuer = order.issuer.certificate ?? certificate;
    const verified = verify(certificate, standIn === undefined ? issuer : { ...issuer, publicKey: standIn });
    demandOrdered(verified, order);
    return verified;
  });
}

/** Signs the TBS of a revocation list that is current at `at`. Returns its DER. Throws LintFailure. */
export function signRevocationList(
  tbs: Uint8Array,
  order: RevocationListOrder,
  sign: Sign,
  at: number,
): Promise<Uint8Array> {
  const issuer = order.issuer.certificate;
  return signLinted(`revocation list ${order.number}`, tbs, sign, (der, standIn) => {
    const list = verifyRevocationList(der, standIn === undefined ? issuer : { ...issuer, publicKey: standIn }, at);
    demandOrderedList(list, order);
    return der;
  });
}

/** What outlives its issuer can't be verified to the end of its own life. Throws LintFailure. */
export function demandWithin({ notBefore, notAfter }: Certificate, issuer: Certificate): void {
  if (notBefore >= issuer.notBefore && notAfter <= issuer.notAfter) return;
  throw new LintFailure('its validity goes beyond that of its issuer');
}

function demandOrdered(certificate: Certificate, order: NumberedOrder): void {
  const { notBefore, notAfter, agreementKey = NOTHING, hosts = [], house } = certificate;
  demand(certificate.publicKey.equals(order.publicKey), 'its key');
  demand(certificate.serialHex === canonicalHex(order.serialHex), 'its serial');
  demand(notBefore === wholeSeconds(order.notBefore) && notAfter === wholeSeconds(order.notAfter), 'its validity');
  demand(notBefore <= notAfter, 'the order of its dates');
  demand(equalBytes(agreementKey, order.agreementKey ?? NOTHING), 'its agreement key');
  demand(hosts.join() === canonicalHosts(order.hosts ?? []).join(), 'its hosts');
  demand(house === order.house, 'its house');
}

function demandOrderedList(list: RevocationList, order: RevocationListOrder): void {
  const { thisUpdate, nextUpdate, revoked } = list;
  demand(list.number === order.number, 'its number');
  demand(thisUpdate === wholeSeconds(order.thisUpdate) && nextUpdate === wholeSeconds(order.nextUpdate), 'its dates');
  demand(revoked.size === order.revoked.length, 'the number of its entries');
  for (const { serialHex, revokedAt, reason } of order.revoked) {
    const entry = revoked.get(canonicalHex(serialHex));
    demand(entry?.revokedAt === wholeSeconds(revokedAt) && entry.reason === reason, `its entry ${serialHex}`);
  }
}

const NOTHING = new Uint8Array();

function demand(isAsOrdered: boolean, what: string): void {
  if (!isAsOrdered) throw new LintFailure(`${what} is not what was ordered`);
}

/** As certificates have their times. */
function wholeSeconds(at: number): number {
  return Math.floor(at / 1_000) * 1_000;
}

/** As `Certificate.serialHex` has it. */
function canonicalHex(hex: string): string {
  const digits = BigInt(`0x${hex}`).toString(16);
  return digits.padStart(digits.length + (digits.length % 2), '0');
}

function canonicalHosts(hosts: readonly string[]): readonly string[] {
  return readAlternativeNames(parseDer(encodeAlternativeNames({ hosts }))).hosts;
}
