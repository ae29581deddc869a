/** What openssl says about what we issue, and we about what it makes. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { generateP256 } from '../../shared/crypto/ecdsa.ts';
import { generateX25519 } from '../../shared/crypto/x25519.ts';
import { OID } from '../../shared/pki/certificate-profile.ts';
import { openCertificationRequest } from '../../shared/pki/certification-request.ts';
import { buildCertificate, buildCertificationRequest, buildRevocationList } from '../../shared/pki/x509-builder.ts';
import { codeThrownBy } from '../support/refusal.ts';
import { openssl, withFiles } from '../support/run-openssl.ts';
import { createTestAuthority, LEAF_PROFILES, TEST_HOUSE, type TestAuthority } from '../support/test-authority.ts';

// openssl judges by the machine's clock.
const NOW = Date.now();

let authority: TestAuthority;
let trusted: { root: string; issuing: string };

beforeAll(async () => {
  authority = await createTestAuthority(NOW);
  trusted = { root: authority.root.certificate.pem, issuing: authority.issuer.certificate.pem };
});

const PURPOSES: { readonly [Profile in (typeof LEAF_PROFILES)[number]]: readonly string[] } = {
  'token-signer': [],
  'timestamp-signer': ['-purpose', 'timestampsign'],
  'dms-node': ['-purpose', 'sslserver', '-verify_hostname', 'localhost'],
  'trusted-service-tls': ['-purpose', 'sslserver', '-verify_ip', '::1'],
  participant: ['-purpose', 'sslclient'],
};

/** The token signer's purpose is critical and our own: openssl can be told of no such purpose, and asks for none. */
const strict = (paths: { root: string; issuing: string }) =>
  ['verify', '-x509_strict', '-check_ss_sig', '-CAfile', paths.root, '-untrusted', paths.issuing] as const;

describe('openssl verify -x509_strict accepts', () => {
  it.each(LEAF_PROFILES)('%s', async (profile) => {
    const { certificate } = await authority.issue(profile);
    await withFiles({ ...trusted, leaf: certificate.pem }, async (paths) => {
      expect(await openssl(...strict(paths), ...PURPOSES[profile], paths.leaf)).toMatch(/: OK\n$/);
    });
  });

  it('root and issuing CA', async () => {
    await withFiles(trusted, async (paths) => {
      expect(await openssl('verify', '-x509_strict', '-check_ss_sig', '-CAfile', paths.root, paths.root)).toMatch(
        /OK\n$/,
      );
      expect(await openssl('verify', '-x509_strict', '-CAfile', paths.root, paths.issuing)).toMatch(/OK\n$/);
    });
  });

  it('and refuses under another root, or for another purpose', async () => {
    const stranger = await createTestAuthority(NOW);
    const { certificate } = await authority.issue('participant');
    await withFiles({ ...trusted, other: stranger.root.certificate.pem, leaf: certificate.pem }, async (paths) => {
      await expect(openssl(...strict({ ...paths, root: paths.other }), paths.leaf)).rejects.toThrow();
      await expect(openssl(...strict(paths), '-purpose', 'sslserver', paths.leaf)).rejects.toThrow();
    });
  });

  it('and reads the same in them', async () => {
    const { certificate } = await authority.issue('dms-node', { serialHex: '40ff' });
    await withFiles({ leaf: certificate.pem }, async ({ leaf }) => {
      const text = await openssl('x509', '-in', leaf, '-noout', '-text', '-fingerprint', '-sha256');
      expect(text).toContain('Serial Number: 16639 (0x40ff)');
      expect(text).toContain('DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1');
      expect(text).toContain(`URI:urn:uuid:${TEST_HOUSE}`);
      expect(text.replaceAll(':', '').toLowerCase()).toContain(certificate.sha256);
    });
  });

  it('and reads our own object identifiers as the UUIDs that they are', async () => {
    const [signer, participant] = [await authority.issue('token-signer'), await authority.issue('participant')];
    await withFiles({ signer: signer.certificate.pem, participant: participant.certificate.pem }, async (paths) => {
      expect(await openssl('x509', '-in', paths.signer, '-noout', '-text')).toContain(OID.tokenSigning);
      expect(await openssl('x509', '-in', paths.participant, '-noout', '-text')).toContain(OID.agreementKey);
    });
    const integer = (uuid: string) => `2.25.${BigInt(`0x${uuid.replaceAll('-', '')}`)}`;
    expect(integer('ff1c4d61-4783-4b0f-ac53-a9d6f991a08d')).toBe(OID.tokenSigning);
    expect(integer('86908d57-3b30-4955-9b87-a7f8ac94080d')).toBe(OID.agreementKey);
  });
});

describe('a revocation list', () => {
  it('is one to openssl, which then refuses what is on it and nothing else', async () => {
    const [revoked, other] = [await authority.issue('participant'), await authority.issue('participant')];
    const der = await buildRevocationList({
      issuer: { key: authority.issuer.keys.privateKey, certificate: authority.issuer.certificate },
      number: 300,
      thisUpdate: NOW - 1_000,
      nextUpdate: NOW + 60_000,
      revoked: [
        { serialHex: revoked.certificate.serialHex, revokedAt: NOW - 2_000, reason: 'keyCompromise' },
        { serialHex: 'ff', revokedAt: NOW - 2_000, reason: 'unspecified' },
      ],
    });
    const files = { ...trusted, der, revoked: revoked.certificate.pem, other: other.certificate.pem };
    await withFiles(files, async (paths, folder) => {
      const crl = join(folder, 'crl.pem');
      const text = await openssl(
        'crl',
        '-inform',
        'DER',
        '-in',
        paths.der,
        '-CAfile',
        paths.issuing,
        '-text',
        '-out',
        crl,
      );
      expect(text).toContain('verify OK');
      expect(await readFile(crl, 'utf8')).toMatch(/X509v3 CRL Number: \n\s+300\n/);
      const checking = [...strict(paths), '-crl_check', '-CRLfile', crl];
      expect(await openssl(...checking, paths.other)).toMatch(/OK\n$/);
      await expect(openssl(...checking, paths.revoked)).rejects.toThrow(/certificate revoked/);
    });
  });
});

describe('a certification request', () => {
  it('of ours verifies with openssl', async () => {
    const keys = generateP256();
    for (const agreementKey of [undefined, generateX25519().publicKey]) {
      await withFiles({ csr: await buildCertificationRequest(keys, agreementKey) }, async ({ csr }) => {
        const text = await openssl('req', '-in', csr, '-verify', '-noout', '-text');
        expect(text).toMatch(/self-signature verify OK|verify OK/);
        expect(text.includes(OID.agreementKey)).toBe(agreementKey !== undefined);
      });
    }
  });

  it("of openssl's is opened, certified, and the certificate accepted by openssl", async () => {
    const agreementKey = Buffer.from(generateX25519().publicKey);
    const value = agreementKey.toString('hex').replaceAll(/..(?=.)/g, '$&:');
    const config = `[req]\ndistinguished_name=name\nreq_extensions=wishes\nprompt=no\n[name]\nCN=Mallory\nO=Bücher\n
[wishes]\nbasicConstraints=critical,CA:TRUE\n${OID.agreementKey}=DER:04:20:${value}\n`;
    await withFiles({ config }, async (paths, folder) => {
      const [key, csr] = [join(folder, 'key.pem'), join(folder, 'csr.pem')];
      const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-utf8'];
      await openssl('req', '-config', paths.config, ...curve, '-keyout', key, '-out', csr);
      const opened = openCertificationRequest(await readFile(csr, 'utf8'));
      expect(opened.agreementKey).toEqual(new Uint8Array(agreementKey));
      const certificate = await buildCertificate({
        profile: 'participant',
        ...opened,
        issuer: { key: authority.issuer.keys.privateKey, certificate: authority.issuer.certificate },
        notBefore: NOW - 1_000,
        notAfter: NOW + 60_000,
      });
      await withFiles({ ...trusted, leaf: certificate.pem }, async (certified) => {
        expect(await openssl(...strict(certified), certified.leaf)).toMatch(/OK\n$/);
        expect(await openssl('x509', '-in', certified.leaf, '-noout', '-text')).not.toMatch(/Mallory|CA:TRUE/);
      });
    });
  });

  it.each([
    ['RSA', ['-newkey', 'rsa:2048']],
    ['P-384', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384']],
    [
      'explicit parameters',
      ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-pkeyopt', 'ec_param_enc:explicit'],
    ],
  ])("of openssl's with %s is refused", async (_, kind) => {
    await withFiles({}, async (_paths, folder) => {
      const csr = join(folder, 'csr.pem');
      await openssl('req', ...kind, '-nodes', '-subj', '/CN=x', '-keyout', join(folder, 'key.pem'), '-out', csr);
      const pem = await readFile(csr, 'utf8');
      expect(codeThrownBy(() => openCertificationRequest(pem))).toBe('csr-invalid');
    });
  });
});
