/** How a home gets its credentials: a key of its own, a certification request, and a certificate that is checked on return. */
import { equalBytes } from '../../shared/bytes.ts';
import { generateAgreementKey } from '../../shared/crypto/ecies-box.ts';
import { ProtocolError } from '../../shared/errors.ts';
import { invariant } from '../../shared/invariant.ts';
import { type Certificate, parseCertificate, verifyCertificate } from '../../shared/pki/verify-certificate.ts';
import { buildCertificationRequest } from '../../shared/pki/x509-builder.ts';
import type { SignCsrAnswer } from '../../shared/wire/http-endpoints.ts';
import type { CertificatePem } from '../../shared/wire/vocabulary.ts';
import { ClientError } from '../client-error.ts';
import type { TrustedServiceApi } from '../connection/trusted-service-api.ts';
import { createIdentitySigner, generateIdentityKey } from '../sealing/p256-signer.ts';
import type { Credentials, Identity } from './identity.ts';
import type { KeyStore } from './key-store.ts';

/** An identity that has its certificate. */
export type EnrolledIdentity = Identity & { readonly credentials: Credentials };

/** Who wants to be enrolled. All is ignored by a home that is enrolled already, but must not contradict it. */
export interface Person {
  readonly username?: string;
  readonly contact?: string;
  /** The operator's code, where enrolment takes one. It is sent for a key that has no certificate, and kept nowhere. */
  readonly invite?: string;
}

/**
 * The identity of this home, enrolled now if it was not. Throws `username-missing`, `home-of-other-user`,
 * `home-of-other-root`, and what the Trusted Service refuses (`username-taken`, `invite-required`, …).
 */
export async function enrol(api: TrustedServiceApi, store: KeyStore, person: Person): Promise<EnrolledIdentity> {
  const kept = store.identity;
  if (kept !== undefined && kept.root !== api.root.pem) throw new ClientError('home-of-other-root');
  if (kept?.credentials !== undefined) {
    const contradicts = person.username !== undefined && person.username !== kept.username;
    if (contradicts) throw new ClientError('home-of-other-user', `this home is ${kept.username}'s`);
    return enrolledIn(store);
  }
  const identity = begin(api, kept, person);
  // The key is on disk before its name is taken: if the answer is lost, the same key asks again.
  await store.save(identity);
  return certify(api, store, identity, person.invite);
}

/**
 * A fresh certificate for the same identity key, with an agreement key made for it. Former agreement keys stay.
 * Throws what the Trusted Service refuses (`key-revoked`, …).
 */
export async function renew(api: TrustedServiceApi, store: KeyStore): Promise<EnrolledIdentity> {
  const identity = enrolledIn(store);
  const certified = parseCertificate(identity.credentials.certificate).agreementKey ?? new Uint8Array();
  const [newest] = identity.agreementKeys;
  // One that is no certificate's yet is left from a renewal that was never answered.
  const isPending = newest !== undefined && !equalBytes(newest.publicKey, certified);
  if (isPending) return certify(api, store, identity);
  const prepared = { ...identity, agreementKeys: [generateAgreementKey(), ...identity.agreementKeys] };
  // The key is on disk before it is certified: disclosures are sealed to the newest certificate, had we seen it or not.
  await store.save(prepared);
  return certify(api, store, prepared);
}

/** The identity of a home that is enrolled. */
export function enrolledIn({ identity }: KeyStore): EnrolledIdentity {
  invariant(identity?.credentials !== undefined, 'only an enrolled home is in use');
  return { ...identity, credentials: identity.credentials };
}

/** A home whose enrolment was never answered asks with the key it has, under the name that is wanted now. */
function begin(api: TrustedServiceApi, kept: Identity | undefined, person: Person): Identity {
  const username = person.username ?? kept?.username;
  const contact = person.contact ?? kept?.contact;
  if (username === undefined) throw new ClientError('username-missing');
  return {
    username,
    ...(contact === undefined ? {} : { contact }),
    root: api.root.pem as CertificatePem,
    secretKey: kept?.secretKey ?? generateIdentityKey(),
    agreementKeys: kept?.agreementKeys ?? [generateAgreementKey()],
  };
}

/** Asks for a certificate for the identity key and the newest agreement key. */
async function certify(
  api: TrustedServiceApi,
  store: KeyStore,
  identity: Identity,
  invite?: string,
): Promise<EnrolledIdentity> {
  const [agreementKey] = identity.agreementKeys;
  if (agreementKey === undefined) throw new ClientError('home-unreadable', 'there is no agreement key in it');
  const signer = createIdentitySigner(identity.secretKey);
  const csr = await buildCertificationRequest(signer.keys, agreementKey.publicKey);
  const { username, contact } = identity;
  const answer = await api.http.signCsr({
    csr,
    username,
    ...(contact === undefined ? {} : { contact }),
    ...(invite === undefined ? {} : { invite }),
  });
  const credentials = verifyAnswer(api, answer, { subject: signer.kid, agreementKey: agreementKey.publicKey });
  const enrolled = { ...identity, credentials };
  await store.save(enrolled);
  return enrolled;
}

interface Expected {
  readonly subject: string;
  readonly agreementKey: Uint8Array;
}

/** The certificate is ours: under our root, by the closed profile, valid now, for our two keys. */
function verifyAnswer(api: TrustedServiceApi, answer: SignCsrAnswer, expected: Expected): Credentials {
  const [issuerPem] = answer.chain;
  if (issuerPem === undefined) throw new ProtocolError('certificate-untrusted', 'the issuer is missing');
  const certificate: Certificate = parseCertificate(answer.certificate);
  const issuer = parseCertificate(issuerPem);
  const at = api.clock.now();
  const { subject, agreementKey } = verifyCertificate(certificate, 'participant', { root: api.root, issuer, at });
  const isOurs = subject === expected.subject && agreementKey !== undefined;
  if (!isOurs || !equalBytes(agreementKey, expected.agreementKey)) {
    throw new ProtocolError('certificate-untrusted', 'it was issued for other keys');
  }
  return { certificate: answer.certificate, issuer: issuerPem };
}
