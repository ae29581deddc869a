/** Whatever is ordered within the profiles: what leaves is what was ordered, to our own verifier and to openssl. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generateP256 } from '../../shared/crypto/ecdsa.ts';
import { generateX25519 } from '../../shared/crypto/x25519.ts';
import { PROFILES } from '../../shared/pki/certificate-profile.ts';
import { type Certificate, verifyCertificate } from '../../shared/pki/verify-certificate.ts';
import { buildVerifiedCertificate } from '../../shared/pki/x509-builder.ts';
import { HouseId } from '../../shared/wire/vocabulary.ts';
import { openssl, withFiles } from '../support/run-openssl.ts';
import { createTestAuthority, LEAF_PROFILES } from '../support/test-authority.ts';

const DAY_MS = 24 * 3_600_000;
const keys = generateP256();

const label = fc.stringMatching(/^[a-zA-Z0-9]([a-zA-Z0-9-]{0,10}[a-zA-Z0-9])?$/);
const dnsName = fc
  .tuple(fc.array(label, { maxLength: 3 }), fc.stringMatching(/^[a-z][a-z0-9]{1,8}$/))
  .map(([labels, top]) => [...labels, top].join('.'));
const hosts = fc.array(fc.oneof(dnsName, fc.ipV4(), fc.ipV6()), { minLength: 1, maxLength: 6 });
const serialHex = fc
  .uint8Array({ minLength: 1, maxLength: 20 })
  .map((bytes) => Buffer.from(bytes).toString('hex'))
  .filter((hex) => /[1-9a-f]/.test(hex) && !/^[89a-f].{39}$/.test(hex));

describe('certificates of random holders, serials and dates', () => {
  // The first year of UTCTime that is left to us, and the one in which times change their form.
  it.each([Date.UTC(2026, 10, 21), Date.UTC(2049, 11, 31, 12)])('issued about %i', async (now) => {
    const { root, issuer } = await createTestAuthority(now);
    const issued: Certificate[] = [];
    const order = fc.record({
      profile: fc.constantFrom(...LEAF_PROFILES),
      serialHex: fc.option(serialHex, { nil: undefined }),
      notBefore: fc.integer({ min: now - 3_600_000, max: now }),
      notAfter: fc.integer({ min: now + 1_000, max: now + 300 * DAY_MS }),
      hosts,
      house: fc.uuid({ version: 4 }).map((id) => HouseId.parse(id)),
    });
    await fc.assert(
      fc.asyncProperty(order, async ({ hosts, house, ...wanted }) => {
        const { carries } = PROFILES[wanted.profile];
        const certificate = await buildVerifiedCertificate(
          {
            ...wanted,
            publicKey: keys.publicKey,
            issuer: { key: issuer.keys.privateKey, certificate: issuer.certificate },
            agreementKey: carries.includes('agreement-key') ? generateX25519().publicKey : undefined,
            hosts: carries.includes('hosts') ? hosts : undefined,
            house: carries.includes('house') ? house : undefined,
          },
          { root: root.certificate, at: now },
        );
        verifyCertificate(certificate, wanted.profile, { root: root.certificate, issuer: issuer.certificate, at: now });
        issued.push(certificate);
      }),
      { numRuns: 60 },
    );
    const files: Record<string, string> = Object.fromEntries(issued.map(({ pem }, index) => [`leaf${index}`, pem]));
    const paths: Record<string, string> = { root: root.certificate.pem, issuing: issuer.certificate.pem };
    await withFiles({ ...paths, ...files }, async (at) => {
      const leaves = Object.keys(files).map((name) => at[name]!);
      const time = ['-attime', String(now / 1_000)];
      const said = await openssl(
        'verify',
        '-x509_strict',
        ...time,
        '-CAfile',
        at['root']!,
        '-untrusted',
        at['issuing']!,
        ...leaves,
      );
      expect(said.match(/: OK$/gm)).toHaveLength(issued.length);
    });
  });

  it('have serials of 126 random bits where none is given', async () => {
    const now = Date.UTC(2026, 10, 21);
    const { root, issue } = await createTestAuthority(now);
    const serials = await Promise.all(
      Array.from({ length: 50 }, async () => (await issue('participant')).certificate.serialHex),
    );
    expect(new Set(serials).size).toBe(50);
    for (const serial of [...serials, root.certificate.serialHex]) expect(serial).toMatch(/^[4-7][0-9a-f]{31}$/);
  });
});
