/** Somebody with keys who uses the Trusted Service: enrols, proves, signs. */
import { randomUUID } from 'node:crypto';
import { generateP256 } from '../../shared/crypto/ecdsa.ts';
import { generateSealingKey } from '../../shared/crypto/ecies.ts';
import { createJwsSigner, type JwsType, signJws } from '../../shared/crypto/jws.ts';
import type { TrustedServiceClient } from '../../shared/http-client.ts';
import { parseCertificate } from '../../shared/pki/verify-certificate.ts';
import { buildCertificationRequest } from '../../shared/pki/x509-builder.ts';
import type { SignCsrAnswer } from '../../shared/wire/http-endpoints.ts';
import type { CertificatePem, CompactJws, HouseId } from '../../shared/wire/vocabulary.ts';

/** The service as a participant sees it. */
export interface ServiceOfParticipant {
  readonly client: TrustedServiceClient;
  /** The authority's name. */
  readonly authority: string;
  readonly machine: { readonly time: number };
}

export class TestParticipant {
  readonly keys = generateP256();
  readonly signer = createJwsSigner(this.keys);
  readonly service: ServiceOfParticipant;
  agreement = generateSealingKey();
  certificate = '' as CertificatePem;

  constructor(service: ServiceOfParticipant) {
    this.service = service;
  }

  static async enrolled(service: ServiceOfParticipant, username: string, contact?: string): Promise<TestParticipant> {
    const participant = new TestParticipant(service);
    await participant.enrol(username, contact);
    return participant;
  }

  csr(): Promise<string> {
    return buildCertificationRequest(this.keys, this.agreement.publicKey);
  }

  async enrol(username: string, contact?: string): Promise<SignCsrAnswer> {
    const csr = await this.csr();
    const answer = await this.service.client.signCsr({ csr, username, ...(contact === undefined ? {} : { contact }) });
    this.certificate = answer.certificate;
    return answer;
  }

  get serial(): string {
    return parseCertificate(this.certificate).serialHex;
  }

  sign(typ: JwsType, claims: object): Promise<CompactJws> {
    return signJws(this.signer, typ, claims);
  }

  /** A good proof, unless `changes` say otherwise. */
  proof(changes: object = {}): Promise<CompactJws> {
    const claims = { aud: this.service.authority, iat: this.service.machine.time, jti: randomUUID() };
    return this.sign('proof+jwt', { ...claims, ...changes });
  }

  revocationProof(changes: object = {}): Promise<CompactJws> {
    const { service, serial } = this;
    const claims = { aud: service.authority, iat: service.machine.time, jti: randomUUID(), serial };
    return this.sign('revocation-proof+jwt', { ...claims, ...changes });
  }
}

/** A DMS node that the operator certified. */
export async function certifiedNode(service: ServiceOfParticipant, house: HouseId): Promise<TestParticipant> {
  const node = new TestParticipant(service);
  const csr = await buildCertificationRequest(node.keys);
  node.certificate = (await service.client.signCsr({ csr, hosts: ['localhost'], house })).certificate;
  return node;
}
