/** What a guest shows at the door: a token and a certificate, by the authority's clock. They are signed by nobody, but end and are revoked. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Peer } from '../../dms/admission/authenticate-peer.ts';
import { createJwsSigner, type JwsSigner } from '../../shared/crypto/jws.ts';
import type { CertificatePem, Instant, Subject } from '../../shared/wire/vocabulary.ts';
import { ISSUING } from './issuing.ts';
import { nameOf } from './vocabulary.ts';

interface Key {
  readonly publicKey: KeyObject;
  readonly signer: JwsSigner;
}

/** Real keys, one for each guest of whatever town: they take longer to make than a session. */
const keys = new Map<Subject, Key>();

export function keyOf(subject: Subject): Key {
  const known = keys.get(subject);
  if (known !== undefined) return known;
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const made = { publicKey: pair.publicKey, signer: createJwsSigner(pair) };
  keys.set(subject, made);
  return made;
}

export interface Lives {
  readonly tokenMs: number;
  readonly certificateMs: number;
}

/** A serial number is positive, and those of one town are equally long. */
const FIRST_SERIAL = 0x40000000;

/** Good from now on, and a little before. */
export function issuePapers(subject: Subject, serial: number, now: number, { tokenMs, certificateMs }: Lives): Peer {
  return {
    subject,
    issuer: ISSUING.certificate,
    tokenExpiresAt: (now + tokenMs) as Instant,
    certificate: {
      pem: `certificate of ${nameOf(subject)}` as CertificatePem,
      serialHex: (FIRST_SERIAL + serial).toString(16),
      publicKey: keyOf(subject).publicKey,
      notBefore: (now - Math.round(tokenMs / 4)) as Instant,
      notAfter: (now + certificateMs) as Instant,
    },
  };
}
