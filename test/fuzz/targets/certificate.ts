/** Certificates of the closed profile: changed on their way, and with other contents that their issuer itself signed. */
import type { KeyObject } from 'node:crypto';
import { equalBytes } from '../../../shared/bytes.ts';
import type { ProfileName } from '../../../shared/pki/certificate-profile.ts';
import { encodeTbsCertificate } from '../../../shared/pki/encode-tbs.ts';
import { encodeSigned } from '../../../shared/pki/sign-linted.ts';
import {
  type Certificate,
  parseCertificate,
  parseCertificateDer,
  verifyCertificate,
  verifyStep,
} from '../../../shared/pki/verify-certificate.ts';
import { ALL_PROFILES } from '../../support/test-authority.ts';
import { CORPUS, privateKeyOf } from '../corpus.ts';
import { mutateDer, twinOf } from '../mutate-der.ts';
import { certifiedAgain } from '../sign-again.ts';
import { demand, judging, type Target } from '../target.ts';

interface Input {
  readonly der: Uint8Array;
  readonly profile: ProfileName;
  /** By the issuer, whatever it says. */
  readonly signedAgain: boolean;
  readonly at: number;
}

const root = parseCertificate(CORPUS.certificates.root);
const issuing = parseCertificate(CORPUS.certificates['issuing-ca']);
const keys = { root: privateKeyOf('root'), issuing: privateKeyOf('issuing-ca') };
/** From now, in milliseconds. */
const TIMES = [-1e12, -3_600_001, -3_600_000, 86_400_000, 86_400_001, 1e12, Number.NaN];
const valid = ALL_PROFILES.map((profile) => ({ profile, der: parseCertificate(CORPUS.certificates[profile]).der }));

function issuerOf(profile: ProfileName): { certificate?: Certificate; key: KeyObject } {
  if (profile === 'root') return { key: keys.root };
  return profile === 'issuing-ca' ? { certificate: root, key: keys.root } : { certificate: issuing, key: keys.issuing };
}

function verified(der: Uint8Array, profile: ProfileName, at: number): Certificate {
  const certificate = parseCertificateDer(der);
  if (profile === 'root') verifyStep(certificate, 'root', certificate);
  else verifyCertificate(certificate, profile, { root, issuer: issuerOf(profile).certificate!, at });
  return certificate;
}

function judge({ der: given, profile, signedAgain, at }: Input): string {
  const issuer = issuerOf(profile);
  const der = signedAgain ? certifiedAgain(given, issuer.key) : given;
  const codes = [
    'certificate-malformed',
    'certificate-untrusted',
    'certificate-expired',
    'certificate-not-yet-valid',
  ] as const;
  return judging(
    codes,
    () => verified(der, profile, at),
    (certificate) => {
      const tbs = encodeTbsCertificate({ ...certificate, profile, issuer });
      demand(equalBytes(encodeSigned(tbs, certificate.signed.signature), der), 'it says something that was not read');
      if (!signedAgain) demand(isKnown(der), 'a changed certificate verifies');
    },
  );
}

/**
 * X.509 knows no low s: whoever sees a certificate can write (r, n − s) for its signature. It says the same, by the same
 * issuer, under the same serial; a token is bound to the other bytes and does not go with it.
 */
function isKnown(der: Uint8Array): boolean {
  return valid.some((known) => equalBytes(known.der, der) || equalBytes(twinOf(known.der), der));
}

export const certificate: Target<Input> = {
  name: 'certificate',
  reaches: [
    'accepted',
    'certificate-malformed',
    'certificate-untrusted',
    'certificate-expired',
    'certificate-not-yet-valid',
  ],
  prepare: () => ({
    valid: valid.flatMap((known) => [
      { ...known, signedAgain: false, at: CORPUS.now },
      { ...known, signedAgain: true, at: CORPUS.now },
    ]),
    mutate: (input, choice, other) => ({
      ...input,
      der: mutateDer(input.der, choice, other.der),
      profile: choice.oneIn(40) ? other.profile : input.profile,
      at: choice.oneIn(8) ? CORPUS.now + choice.of(TIMES) : input.at,
    }),
    judge,
    // It verifies, and has the one twin that is known.
    found: valid.map(({ profile, der }) => ({ profile, der: twinOf(der), signedAgain: false, at: CORPUS.now })),
  }),
};
