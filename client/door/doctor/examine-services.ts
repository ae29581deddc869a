/** The two services, seen from this home: whether they answer, whether they are who the root says, and what they say of it. */
import { randomUUID } from 'node:crypto';
import { signJws } from '../../../shared/crypto/jws.ts';
import type { TrustedServiceClient } from '../../../shared/http-client.ts';
import { verifyCheckpoint, verifyCosignature } from '../../../shared/journal/checkpoint.ts';
import { verifyAccessToken } from '../../../shared/pki/access-token.ts';
import { verifyRevocationList } from '../../../shared/pki/revocation-list.ts';
import { verifyKeySet } from '../../../shared/pki/trust-anchors.ts';
import { type Certificate, parseCertificate, verifyCertificate } from '../../../shared/pki/verify-certificate.ts';
import type { IssueProof } from '../../../shared/wire/http-endpoints.ts';
import type { CheckpointAnswer } from '../../../shared/wire/log.ts';
import type { TrustedServiceApi } from '../../connection/trusted-service-api.ts';
import { EXIT } from '../../exit-codes.ts';
import type { Credentials } from '../../identity/identity.ts';
import { createIdentitySigner } from '../../sealing/p256-signer.ts';
import { duration } from '../../store/select.ts';
import type { Verdict } from './finding.ts';

/** TLS is judged by the machine's clock, with an hour of grace. */
const NOTABLE_OFFSET_MS = 10_000;
const HOUR_MS = 3_600_000;
/** A list lives for an hour and is made anew after three quarters of it. */
const OLD_LIST_MS = HOUR_MS / 2;

/** How far the machine's clock is from the signed time. Only TLS looks at the machine's. */
export function examineClock({ clock }: TrustedServiceApi, machineNow: number): Verdict {
  const { at, simulated } = clock.read();
  const offsetMs = machineNow - at;
  const apart = `${duration(Math.abs(offsetMs))} ${offsetMs < 0 ? 'behind' : 'ahead of'} the signed time`;
  const data = { offsetMs, simulated };
  if (simulated) return { state: 'ok', says: `the house's clock is SIMULATED; the machine's is ${apart}`, data };
  const near = Math.abs(offsetMs) < 1_000 ? 'within a second of the signed time' : apart;
  if (Math.abs(offsetMs) < NOTABLE_OFFSET_MS) return { state: 'ok', says: `the machine's clock is ${near}`, data };
  const advice =
    "Set the machine's clock (NTP). Bids are stamped by the Trusted Service, but TLS needs it right to the hour.";
  return { state: 'warn', says: `the machine's clock is ${apart}`, advice, data };
}

/** The authority's signers, each certified under the root at the signed time. */
export async function examineSigners({ http, root, clock }: TrustedServiceApi): Promise<Verdict> {
  const { token, timestamp, issuers } = verifyKeySet(await http.keySet(), root, clock.now());
  const says = `${token.size} token and ${timestamp.size} timestamp signers, ${issuers.length} issuing CA, all under the root`;
  return { state: 'ok', says, data: { token: token.size, timestamp: timestamp.size, issuers: issuers.length } };
}

/** The revocation list of an issuing CA: signed, of the present, and how old. */
export async function examineList({ http, root, clock }: TrustedServiceApi, ofHome?: Certificate): Promise<Verdict> {
  const [first] = verifyKeySet(await http.keySet(), root, clock.now()).issuers;
  const issuer = ofHome ?? first;
  const answer = issuer === undefined ? 'unchanged' : await http.revocationList(undefined, issuer);
  if (issuer === undefined || answer === 'unchanged') return { state: 'warn', says: 'the service names no issuing CA' };
  const list = verifyRevocationList(answer.der, issuer, clock.now());
  const [ageMs, leftMs] = [clock.now() - list.thisUpdate, list.nextUpdate - clock.now()];
  const says = `number ${list.number}, ${duration(Math.max(0, ageMs))} old, good for ${duration(leftMs)}`;
  const data = { number: list.number, ageMs, leftMs, revoked: list.revoked.size };
  if (ageMs <= OLD_LIST_MS) return { state: 'ok', says, data };
  return { state: 'warn', says, advice: 'It should be younger than half an hour: ask the operator.', data };
}

/** The home's own certificate, at the signed time. One that has ended is renewed by itself, one that was revoked is not. */
export async function examineCertificate(
  { http, root, clock }: TrustedServiceApi,
  { certificate: pem, issuer: issuerPem }: Credentials,
): Promise<Verdict> {
  const [certificate, issuer] = [parseCertificate(pem), parseCertificate(issuerPem)];
  const at = clock.now();
  const data = { notBefore: certificate.notBefore, notAfter: certificate.notAfter };
  // Whose it is does not depend on the time.
  verifyCertificate(certificate, 'participant', { root, issuer, at: certificate.notBefore });
  const answer = await http.revocationList(undefined, issuer);
  const isRevoked =
    answer !== 'unchanged' && verifyRevocationList(answer.der, issuer, at).isRevoked(issuer, certificate.serialHex);
  if (isRevoked) {
    const advice = 'The key is lost to this house: choose another GAVEL_HOME and enrol under another name.';
    return { state: 'fail', says: 'revoked', advice, exit: EXIT.notAuthorised, data };
  }
  const renewal = 'It is renewed by itself when `gavel client` connects next.';
  if (at >= certificate.notAfter) {
    return { state: 'warn', says: `expired ${duration(at - certificate.notAfter)} ago`, advice: renewal, data };
  }
  if (at < certificate.notBefore) {
    const says = `not valid for another ${duration(certificate.notBefore - at)}: the clock was set back`;
    return { state: 'warn', says, advice: renewal, data };
  }
  return { state: 'ok', says: `good for ${duration(certificate.notAfter - at)}`, data };
}

/** An access token for this home, asked for and verified as the DMS would. */
export async function examineToken(
  api: TrustedServiceApi,
  { certificate: pem }: Credentials,
  secretKey: Uint8Array,
): Promise<Verdict> {
  const signer = createIdentitySigner(secretKey);
  const claims: IssueProof = { aud: api.authority, iat: api.clock.now(), jti: randomUUID() };
  const proof = await signJws(signer, 'proof+jwt', claims);
  const { token, expiresAt } = await api.http.issue({ certificate: pem, proof });
  const certificate = parseCertificate(pem);
  const { token: keys } = verifyKeySet(await api.http.keySet(), api.root, api.clock.now());
  const at = api.clock.now();
  await verifyAccessToken(token, { keys, authority: api.authority, at, certificate });
  return { state: 'ok', says: `issued for this key, good for ${duration(expiresAt - at)}`, data: { expiresAt } };
}

/** The house's newest checkpoint, and how much of the journal its witness has seen. */
export async function examineJournal(
  answer: CheckpointAnswer,
  root: Certificate,
  http: Pick<TrustedServiceClient, 'witnessed'>,
): Promise<Verdict> {
  const { witnessed, ...signed } = answer;
  const newest = await verifyCheckpoint(signed, root);
  const { house, size } = newest;
  const seen = (await http.witnessed(house)).size;
  const data = { house, size, witnessed: seen };
  if (seen > size) {
    const says = `the witness has seen ${seen} records, and the house shows ${size}`;
    const advice = 'Records are missing. Do not bid; keep your receipts and tell the operator.';
    return { state: 'fail', says, advice, exit: EXIT.untrusted, data };
  }
  if (witnessed === undefined) {
    const advice = 'It should be within seconds of the first record; ask the operator if it stays.';
    return {
      state: size === 0 ? 'ok' : 'warn',
      says: `${size} records, none witnessed yet`,
      ...(size > 0 && { advice }),
      data,
    };
  }
  const { witness, ...earlier } = witnessed;
  const cosigned = await verifyCheckpoint(earlier, root);
  await verifyCosignature(witness, cosigned, root);
  return { state: 'ok', says: `${size} records, the first ${cosigned.size} cosigned by the witness`, data };
}
