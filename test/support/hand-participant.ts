/** Somebody with keys who does everything by hand, and so can do it wrongly: enrols, gets tokens, signs, stamps, seals. */
import { createPublicKey, diffieHellman, randomBytes, randomUUID } from 'node:crypto';
import { concatBytes, encodeBase64url, utf8 } from '../../shared/bytes.ts';
import { sealAesGcm } from '../../shared/crypto/aes-gcm.ts';
import { digestOfText } from '../../shared/crypto/digest.ts';
import { generateP256, type P256KeyPair } from '../../shared/crypto/ecdsa.ts';
import { type AgreementKey, generateAgreementKey, openWithKeys } from '../../shared/crypto/ecies-box.ts';
import { hkdfSha256 } from '../../shared/crypto/hkdf.ts';
import { createJwsSigner, type JwsSigner, type JwsType, signJws } from '../../shared/crypto/jws.ts';
import { generateX25519 } from '../../shared/crypto/x25519.ts';
import type { TrustedServiceClient } from '../../shared/http-client.ts';
import { type Certificate, parseCertificate } from '../../shared/pki/verify-certificate.ts';
import { buildCertificationRequest } from '../../shared/pki/x509-builder.ts';
import type { ConnectionAuth, SealedCommand } from '../../shared/wire/socket-events.ts';
import type { TimestampToken } from '../../shared/wire/timestamp-token.ts';
import type { CertificatePem, CompactJws, Subject } from '../../shared/wire/vocabulary.ts';

/** The Trusted Service as a participant knows it. */
export interface KnownService {
  readonly client: TrustedServiceClient;
  readonly authority: string;
  /** The trusted time. */
  now(): number;
}

export interface Person {
  readonly username: string;
  readonly contact?: string;
}

export class HandParticipant {
  readonly keys: P256KeyPair = generateP256();
  readonly signer: JwsSigner = createJwsSigner(this.keys);
  readonly agreement: AgreementKey = generateAgreementKey();
  readonly service: KnownService;
  certificate: CertificatePem = '' as CertificatePem;
  issuer: CertificatePem = '' as CertificatePem;

  private constructor(service: KnownService) {
    this.service = service;
  }

  static async enrolled(service: KnownService, person: Person): Promise<HandParticipant> {
    const participant = new HandParticipant(service);
    await participant.enrol(person);
    return participant;
  }

  /** Enrols; again, it renews. */
  async enrol(person: Person): Promise<void> {
    const csr = await buildCertificationRequest(this.keys, this.agreement.publicKey);
    const { certificate, chain } = await this.service.client.signCsr({ csr, ...person });
    this.certificate = certificate;
    this.issuer = chain[0]!;
  }

  get subject(): Subject {
    return this.signer.kid as Subject;
  }

  get parsed(): Certificate {
    return parseCertificate(this.certificate);
  }

  sign(typ: JwsType, claims: object): Promise<CompactJws> {
    return signJws(this.signer, typ, claims);
  }

  proof(): Promise<CompactJws> {
    const { authority } = this.service;
    return this.sign('proof+jwt', { aud: authority, iat: this.service.now(), jti: randomUUID() });
  }

  /** A fresh access token. */
  async token(): Promise<CompactJws> {
    return (await this.service.client.issue({ certificate: this.certificate, proof: await this.proof() })).token;
  }

  /** What a connection begins with. */
  async auth(): Promise<ConnectionAuth> {
    return { token: await this.token(), certificate: this.certificate, chain: [this.issuer] };
  }

  stamp(statement: string): Promise<TimestampToken> {
    return this.service.client.timestamp(digestOfText(statement));
  }

  /** Sealed for a session, whatever the statement and the token are. */
  seal(statement: CompactJws, timestamp: TimestampToken, sealingKey: Uint8Array): SealedCommand {
    return sealNow(sealingKey, utf8.encode(JSON.stringify({ statement, timestamp })));
  }

  /** The text in an envelope that was sealed to this participant's agreement key. */
  open(sealed: string): string {
    return utf8.decode(openWithKeys([this.agreement], Buffer.from(sealed, 'base64url')));
  }
}

/** What `sealTo` does, in one turn and a hundred times as fast as in pure JavaScript: attackers send many. */
function sealNow(sealingKey: Uint8Array, plaintext: Uint8Array): SealedCommand {
  const ephemeral = generateX25519();
  const jwk = { kty: 'OKP', crv: 'X25519', x: encodeBase64url(sealingKey) };
  const publicKey = createPublicKey({ key: jwk, format: 'jwk' });
  const shared = diffieHellman({ privateKey: ephemeral.privateKey, publicKey });
  const nonce = randomBytes(16);
  const key = hkdfSha256(concatBytes(ephemeral.publicKey, shared), 32);
  const { tag, ciphertext } = sealAesGcm(key, nonce, plaintext);
  return encodeBase64url(concatBytes(ephemeral.publicKey, nonce, tag, ciphertext)) as SealedCommand;
}
