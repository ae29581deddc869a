/** A second foreign judge of our certificates and certification requests, besides openssl: @peculiar/x509. */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { Pkcs10CertificateRequest, Pkcs10CertificateRequestGenerator, X509Certificate } from '@peculiar/x509';
import { beforeAll, describe, expect, it } from 'vitest';
import { generateP256 } from '../../shared/crypto/ecdsa.ts';
import { generateX25519 } from '../../shared/crypto/x25519.ts';
import { openCertificationRequest } from '../../shared/pki/certification-request.ts';
import { buildCertificationRequest } from '../../shared/pki/x509-builder.ts';
import { ALL_PROFILES, createTestAuthority, type TestAuthority } from '../support/test-authority.ts';

const NOW = Date.UTC(2026, 10, 21);
const ES256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

describe('@peculiar/x509', () => {
  let authority: TestAuthority;
  beforeAll(async () => {
    authority = await createTestAuthority(NOW);
  });

  it.each(ALL_PROFILES)('reads and verifies a certificate of the profile %s', async (profile) => {
    const issued = profile === 'root' ? authority.root : profile === 'issuing-ca' ? authority.issuer : undefined;
    const { certificate } = issued ?? (await authority.issue(profile));
    const read = new X509Certificate(certificate.pem);
    const signer = profile === 'root' || profile === 'issuing-ca' ? authority.root : authority.issuer;
    const publicKey = new X509Certificate(signer.certificate.pem).publicKey;
    expect(await read.verify({ publicKey, date: new Date(NOW) }, webcrypto)).toBe(true);
    expect(read.serialNumber).toBe(certificate.serialHex);
    const stranger = new X509Certificate((await createTestAuthority(NOW)).root.certificate.pem).publicKey;
    expect(await read.verify({ publicKey: stranger, date: new Date(NOW) }, webcrypto)).toBe(false);
  });

  it('verifies a certification request of ours', async () => {
    const request = await buildCertificationRequest(generateP256(), generateX25519().publicKey);
    expect(await new Pkcs10CertificateRequest(request).verify(webcrypto)).toBe(true);
  });

  it('makes a certification request that our intake accepts', async () => {
    const keys = await webcrypto.subtle.generateKey(ES256, true, ['sign', 'verify']);
    const request = await Pkcs10CertificateRequestGenerator.create(
      { name: 'CN=whatever they like', keys, signingAlgorithm: ES256 },
      webcrypto,
    );
    const { publicKey } = openCertificationRequest(request.toString('pem'));
    expect(publicKey.export({ format: 'jwk' }).x).toBe((await webcrypto.subtle.exportKey('jwk', keys.publicKey)).x);
  });
});
