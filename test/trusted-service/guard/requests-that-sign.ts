/** One good request for each thing that the authorities sign or write, to be sent when the service should have stopped. */
import { type Certificate, parseCertificate } from '../../../shared/pki/verify-certificate.ts';
import { PATHS } from '../../../shared/wire/http-endpoints.ts';
import { sha256 } from '../../support/forge-timestamp.ts';
import { Sale } from '../disclosure/sale.ts';
import { TestParticipant } from '../test-participant.ts';
import { AS_OPERATOR, type RawAnswer, type TestService } from '../test-service.ts';
import { ask, query } from '../timestamp-authority/ask-timestamp.ts';

export interface SigningRequests {
  /** By what they are for. All of them are good until one that writes has been granted. */
  readonly all: Readonly<Record<string, () => Promise<RawAnswer>>>;
  /** A key whose certificate would be revoked. */
  readonly revoked: TestParticipant;
  /** The issuing CA. */
  readonly issuer: Certificate;
}

/** Prepared now; the proofs are good for a minute. */
export async function requestsThatSign(service: TestService): Promise<SigningRequests> {
  const sale = await Sale.prepare(service);
  const disclosure = await sale.request(await sale.play());
  const suffix = sale.lot.slice(0, 8);
  const jane = await TestParticipant.enrolled(service, `jane-${suffix}`);
  const revoked = new TestParticipant(service);
  const { chain } = await revoked.enrol(`joe-${suffix}`);
  const csr = await new TestParticipant(service).csr();
  const { time: iat } = await service.client.clock();
  const [proof, revocation] = [await jane.proof({ iat }), await revoked.revocationProof({ iat })];
  const imprint = 'A'.repeat(43);
  return {
    revoked,
    issuer: parseCertificate(chain[0] ?? ''),
    all: {
      'a timestamp': () => service.post(PATHS.timestamp, { imprint }),
      'the signed time': () => service.raw(`${PATHS.timestamp}?nonce=0123456789abcdef`),
      'an RFC 3161 timestamp': () => ask(service, query(sha256(Buffer.from('a document')))),
      'an access token': () => service.post(PATHS.issue, { certificate: jane.certificate, proof }),
      'a certificate': () => service.post(PATHS.signCsr, { csr, username: `new-${suffix}` }),
      'a revocation': () =>
        service.post(PATHS.revoke, { serial: revoked.serial, reason: 'superseded', proof: revocation }),
      'a disclosure': () => service.post(PATHS.disclose, disclosure),
      'another key': () => service.post(PATHS.rotate, { role: 'token-signer' }, AS_OPERATOR),
      invites: () => service.post(PATHS.invites, { count: 1 }, AS_OPERATOR),
    },
  };
}

/** What the service says of itself. */
export async function readinessOf(service: TestService) {
  const { status, text } = await service.raw(PATHS.ready);
  const { code, reasons = [] } = JSON.parse(text) as { code?: string; reasons?: { code: string; detail?: string }[] };
  return { status, code, reasons: reasons.map((reason) => reason.code), details: reasons.map(({ detail }) => detail) };
}

/** Events of this name in the log that are about this code. */
export function logged(service: TestService, event: 'stopped' | 'recovered', code: string): number {
  return service.log.filter((line) => {
    const entry = JSON.parse(line) as { event?: string; code?: string };
    return entry.event === event && entry.code === code;
  }).length;
}
