import { mkdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { generateP256 } from '../../../shared/crypto/ecdsa.ts';
import { generateSealingKey } from '../../../shared/crypto/ecies.ts';
import { buildCertificationRequest } from '../../../shared/pki/x509-builder.ts';
import { loadAuthorityKeys } from '../../../trusted-service/authority-keys.ts';
import { CertificateAuthority } from '../../../trusted-service/certificate-authority/certificate-authority.ts';
import { Issuer } from '../../../trusted-service/certificate-authority/issuer.ts';
import { Registry } from '../../../trusted-service/certificate-authority/registry.ts';
import { RevocationPublisher } from '../../../trusted-service/certificate-authority/revocation-publisher.ts';
import { EnrolmentLimits } from '../../../trusted-service/registration/enrolment-limits.ts';
import { loadStore } from '../../../trusted-service/store/store.ts';
import { PossessionProofs } from '../../../trusted-service/token-issuer/possession-proofs.ts';
import { refusalOf } from '../../support/refusal.ts';
import { testFolder } from '../test-folder.ts';
import { TestMachine } from '../test-service.ts';
import { unrecorded } from '../unrecorded.ts';

const at = testFolder();

/** An issuer that signs only when it is let. */
class SlowIssuer extends Issuer {
  gate: Promise<void> = Promise.resolve();

  override async issue(...order: Parameters<Issuer['issue']>): Promise<never> {
    await this.gate;
    return (await super.issue(...order)) as never;
  }
}

describe('the certification authority', () => {
  it('gives no certificate to a key that is revoked while it is being signed', async () => {
    mkdirSync(at('race'), { mode: 0o700 });
    const machine = new TestMachine();
    const clock = machine;
    const store = loadStore(at('race'));
    const records = store.certificates;
    const keys = await loadAuthorityKeys(at('race'), machine.time, unrecorded);
    const issuer = new SlowIssuer(keys.root, keys.issuer);
    const registry = new Registry(store.participants, clock);
    const publisher = new RevocationPublisher(issuer, records, store.numbers, clock);
    const limits = new EnrolmentLimits({ perAddress: 9, inTotal: 9, clock });
    const proofs = new PossessionProofs(store.proofs, 'sha256:00', clock);
    const authority = new CertificateAuthority({
      issuer,
      registry,
      limits,
      records,
      publisher,
      proofs,
      clock,
      machine,
      audit: unrecorded,
    });

    const csr = await buildCertificationRequest(generateP256(), generateSealingKey().publicKey);
    const enrol = () => authority.certifyParticipant(csr, { username: 'jane' });
    const { subject } = await enrol();
    const first = records.newestOf(subject);
    const { promise, resolve } = Promise.withResolvers<void>();
    issuer.gate = promise;
    const renewal = refusalOf(enrol());
    records.revokeKey(subject, { revokedAt: machine.time as never, reason: 'keyCompromise' });
    resolve();
    expect(await renewal).toBe('key-revoked');
    expect(records.newestOf(subject)).toEqual(first);
    store.close();
  });
});
