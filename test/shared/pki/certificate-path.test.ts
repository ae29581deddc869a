/** The path has three certificates and no other shape; it holds between two instants, and until it is revoked. */
import { beforeAll, describe, expect, it } from 'vitest';
import { ProtocolError } from '../../../shared/errors.ts';
import {
  type Certificate,
  parseCertificateDer,
  type Trust,
  verifyCertificate,
  verifyRoot,
} from '../../../shared/pki/verify-certificate.ts';
import { reissue, type TbsFields } from '../../support/edit-certificate.ts';
import { codeThrownBy } from '../../support/refusal.ts';
import { createTestAuthority, type Issued, type TestAuthority } from '../../support/test-authority.ts';

const NOW = Date.UTC(2026, 10, 21, 12);

let authority: TestAuthority;
let stranger: TestAuthority;
let participant: Issued;

beforeAll(async () => {
  [authority, stranger] = await Promise.all([createTestAuthority(NOW), createTestAuthority(NOW)]);
  participant = await authority.issue('participant');
});

function verdict(certificate: Certificate, changes: Partial<Trust> = {}): string | undefined {
  const trust = { root: authority.root.certificate, issuer: authority.issuer.certificate, at: NOW };
  return codeThrownBy(() => verifyCertificate(certificate, 'participant', { ...trust, ...changes }));
}

/** What this issuer would sign if its key were used for it, so that names and key identifiers fit. */
function signedBy(
  signer: Issued,
  child: Issued,
  changes: (fields: TbsFields) => Partial<TbsFields> = () => ({}),
): Issued {
  const der = reissue(child.certificate.der, signer.keys.privateKey, ({ extensions, ...fields }) => ({
    issuer: signer.certificate.subjectDer,
    extensions: extensions.map((bytes) => withAuthorityKey(bytes, signer.certificate.keyIdentifier)),
    ...changes({ extensions, ...fields }),
  }));
  return { certificate: parseCertificateDer(der), keys: child.keys };
}

function withAuthorityKey(extension: Uint8Array, keyIdentifier: Uint8Array): Uint8Array {
  const text = Buffer.from(extension).toString('hex');
  const prefix = /^301f0603551d23041830168014/.exec(text)?.[0];
  return prefix === undefined ? extension : new Uint8Array([...Buffer.from(prefix, 'hex'), ...keyIdentifier]);
}

describe('a path', () => {
  it('holds', () => {
    expect(verdict(participant.certificate)).toBeUndefined();
    expect(verdict(signedBy(authority.issuer, participant).certificate)).toBeUndefined();
  });

  it('does not hold under another root of the same name', () => {
    expect(verdict(participant.certificate, { root: stranger.root.certificate })).toBe('certificate-untrusted');
  });

  it("does not hold for another authority's leaf, with or without its issuing CA", async () => {
    const { certificate } = await stranger.issue('participant');
    expect(verdict(certificate)).toBe('certificate-untrusted');
    expect(verdict(certificate, { issuer: stranger.issuer.certificate })).toBe('certificate-untrusted');
  });

  it('does not hold with a leaf as issuer', async () => {
    for (const profile of ['participant', 'dms-node', 'token-signer'] as const) {
      const middle = await authority.issue(profile);
      const leaf = signedBy(middle, participant);
      expect(verdict(leaf.certificate, { issuer: middle.certificate })).toBe('certificate-untrusted');
    }
  });

  it('does not hold with a leaf as root', () => {
    expect(verdict(participant.certificate, { root: participant.certificate })).toBe('certificate-untrusted');
  });

  it('does not hold where the root signed the leaf', () => {
    const leaf = signedBy(authority.root, participant);
    expect(verdict(leaf.certificate)).toBe('certificate-untrusted');
    expect(verdict(leaf.certificate, { issuer: authority.root.certificate })).toBe('certificate-untrusted');
  });

  it('does not hold with a fourth certificate, below or between', async () => {
    const lower = signedBy(authority.issuer, await authority.issue('issuing-ca'));
    const leaf = signedBy(lower, participant);
    expect(verdict(leaf.certificate)).toBe('certificate-untrusted');
    expect(verdict(leaf.certificate, { issuer: lower.certificate })).toBe('certificate-untrusted');
  });

  it('does not hold with a self-issued certificate between', async () => {
    // An intermediate that has the root's own name, as RFC 5280 allows for a change of keys.
    const again = await authority.issue('root');
    const middle = signedBy(authority.root, again);
    const lower = signedBy(middle, authority.issuer);
    expect(verdict(signedBy(lower, participant).certificate, { issuer: lower.certificate })).toBe(
      'certificate-untrusted',
    );
    expect(verdict(signedBy(middle, participant).certificate, { issuer: middle.certificate })).toBe(
      'certificate-untrusted',
    );
  });

  it("does not hold where the authority key is another's and the signature is right", () => {
    const other = stranger.issuer.certificate.keyIdentifier;
    const leaf = signedBy(authority.issuer, participant, ({ extensions }) => ({
      extensions: extensions.map((bytes) => withAuthorityKey(bytes, other)),
    }));
    expect(verdict(leaf.certificate)).toBe('certificate-untrusted');
  });

  it("does not hold where everything is right but the signer's key", () => {
    const leaf = reissue(participant.certificate.der, stranger.issuer.keys.privateKey, () => ({}));
    expect(verdict(parseCertificateDer(leaf))).toBe('certificate-untrusted');
  });

  it('of two ends at the root itself, not at one of the same name', () => {
    const trust = { root: authority.root.certificate, at: NOW };
    const verdictOf = (ca: Issued, issuer: Issued) =>
      codeThrownBy(() => verifyCertificate(ca.certificate, 'issuing-ca', { ...trust, issuer: issuer.certificate }));
    expect(verdictOf(authority.issuer, authority.root)).toBeUndefined();
    expect(verdictOf(stranger.issuer, stranger.root)).toBe('certificate-untrusted');
  });

  it('does not begin with a root that another key signed', () => {
    const der = reissue(authority.root.certificate.der, stranger.root.keys.privateKey, () => ({}));
    expect(codeThrownBy(() => verifyRoot(parseCertificateDer(der).pem))).toBe('certificate-untrusted');
    expect(codeThrownBy(() => verifyRoot(authority.root.certificate.pem))).toBeUndefined();
  });
});

describe('validity', () => {
  const rows: readonly [what: string, certificate: () => Certificate][] = [
    ['the leaf', () => participant.certificate],
    ['the issuing CA', () => authority.issuer.certificate],
    ['the root', () => authority.root.certificate],
  ];

  it.each(rows)('of %s has two ends, both inside', async (_, certificate) => {
    const { notBefore, notAfter } = certificate();
    // A leaf that outlives the other two, so that each end is met alone.
    const long = { notBefore: 0, notAfter: Date.UTC(2049, 0) };
    const leaf = certificate() === participant.certificate ? participant : await authority.issue('participant', long);
    expect(verdict(leaf.certificate, { at: notBefore - 1 })).toBe('certificate-not-yet-valid');
    expect(verdict(leaf.certificate, { at: notBefore })).toBeUndefined();
    expect(verdict(leaf.certificate, { at: notBefore + 1 })).toBeUndefined();
    const end = Math.min(notAfter, authority.issuer.certificate.notAfter);
    expect(verdict(leaf.certificate, { at: end - 1 })).toBeUndefined();
    expect(verdict(leaf.certificate, { at: end })).toBeUndefined();
    expect(verdict(leaf.certificate, { at: end + 1 })).toBe('certificate-expired');
  });

  it('ends with the root, though leaf and issuing CA go on', async () => {
    const root = await authority.issue('root', { notAfter: NOW });
    const issuer = await authority.issue('issuing-ca', {
      issuer: { key: root.keys.privateKey, certificate: root.certificate },
    });
    const leaf = await authority.issue('participant', {
      issuer: { key: issuer.keys.privateKey, certificate: issuer.certificate },
    });
    const path = { root: root.certificate, issuer: issuer.certificate };
    expect(verdict(leaf.certificate, { ...path, at: NOW })).toBeUndefined();
    expect(verdict(leaf.certificate, { ...path, at: NOW + 1 })).toBe('certificate-expired');
  });

  it('goes beyond 2049', async () => {
    const { certificate } = await authority.issue('participant', { notAfter: Date.UTC(2050, 0) });
    expect(certificate.notAfter).toBe(Date.UTC(2050, 0));
    expect(verdict(certificate)).toBeUndefined();
  });

  it('holds at no time that is not a number', () => {
    expect(verdict(participant.certificate, { at: Number.NaN })).toBe('certificate-not-yet-valid');
  });

  it('is not asked before the signature: a stranger learns nothing from an old certificate', async () => {
    const { certificate } = await stranger.issue('participant', { notAfter: NOW - 1_000 });
    expect(verdict(certificate)).toBe('certificate-untrusted');
  });
});

describe('revocation', () => {
  it('is asked for by issuer and serial', () => {
    const { serialHex } = participant.certificate;
    const asked: unknown[] = [];
    const answering = (answer: boolean) => ({
      isRevoked: (issuer: Certificate, serial: string) => {
        asked.push([issuer.sha256, serial]);
        return answer;
      },
    });
    expect(verdict(participant.certificate, { revocations: answering(false) })).toBeUndefined();
    expect(verdict(participant.certificate, { revocations: answering(true) })).toBe('certificate-revoked');
    const question = [authority.issuer.certificate.sha256, serialHex];
    expect(asked).toEqual([question, question]);
  });

  it('that can not be told is no permission', () => {
    const revocations = {
      isRevoked: () => {
        throw new ProtocolError('revocation-list-invalid');
      },
    };
    expect(verdict(participant.certificate, { revocations })).toBe('revocation-list-invalid');
  });
});
