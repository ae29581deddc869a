import { beforeAll, describe, expect, it } from 'vitest';
import { encodeBase64url } from '../../../shared/bytes.ts';
import { generateP256 } from '../../../shared/crypto/ecdsa.ts';
import { createJwsSigner, type JwsSigner } from '../../../shared/crypto/jws.ts';
import { InvariantViolation } from '../../../shared/invariant.ts';
import { readStamp } from '../../../shared/timestamp/timestamp-token.ts';
import { verifyTimestampResponse } from '../../../shared/timestamp/verify-timestamp-response.ts';
import type { Digest, Instant } from '../../../shared/wire/vocabulary.ts';
import { BatchSigner } from '../../../trusted-service/timestamp-authority/batch-signer.ts';
import { Rfc3161Signer, type Rfc3161SignerParts } from '../../../trusted-service/timestamp-authority/rfc3161-signer.ts';
import { parseTimestampQuery } from '../../../trusted-service/timestamp-authority/timestamp-query.ts';
import { sha256 } from '../../support/forge-timestamp.ts';
import { refusalOf } from '../../support/refusal.ts';
import { TEST_AUTHORITY } from '../../support/stamp.ts';
import { createTestAuthority, type Issued, type TestAuthority } from '../../support/test-authority.ts';
import { query } from './ask-timestamp.ts';

const NOW = Date.UTC(2031, 4, 6, 7, 8, 9);
const DAY_MS = 24 * 3_600_000;
const DIGEST = sha256(Buffer.from('a document'));
const IMPRINT = encodeBase64url(DIGEST) as Digest;
const asked = parseTimestampQuery(query(DIGEST));

let authority: TestAuthority;
let issued: Issued;
beforeAll(async () => {
  authority = await createTestAuthority(NOW);
  issued = await authority.issue('timestamp-signer');
});

function signerAt(time: number, changes: Partial<Rfc3161SignerParts> = {}): Rfc3161Signer {
  const chain = { root: authority.root.certificate, issuer: authority.issuer.certificate, signer: issued.certificate };
  let next = 1;
  return new Rfc3161Signer({
    signer: createJwsSigner(issued.keys),
    chain: () => chain,
    clock: { kind: 'real', read: () => ({ time: time as Instant, epoch: 1 }) },
    serials: { take: () => next++ },
    ...changes,
  });
}

describe('the RFC 3161 signer', () => {
  it('signs at both ends of its certificate’s life, and not beyond', async () => {
    const { certificate, keys } = await authority.issue('timestamp-signer', { notBefore: NOW - 5, notAfter: NOW + 5 });
    const chain = () => ({
      root: authority.root.certificate,
      issuer: authority.issuer.certificate,
      signer: certificate,
    });
    const { notBefore, notAfter } = certificate;
    const changes = { chain, signer: createJwsSigner(keys) };
    for (const at of [notBefore, notAfter]) expect(await refusalOf(signerAt(at, changes).reply(asked))).toBeUndefined();
    for (const at of [notBefore - 1, notAfter + 1]) {
      expect(await refusalOf(signerAt(at, changes).reply(asked))).toBe('signer-expired');
    }
  });

  it('signs nothing that an expired authority above it would have to vouch for', async () => {
    const issuer = await authority.issue('issuing-ca', { notAfter: NOW });
    const chain = () => ({ root: authority.root.certificate, issuer: issuer.certificate, signer: issued.certificate });
    expect(await refusalOf(signerAt(NOW + 1, { chain }).reply(asked))).toBe('clock-out-of-certificates');
  });

  it('lets nothing out that our own verifier refuses: a key that is not the certificate’s', async () => {
    const signer = createJwsSigner(generateP256());
    await expect(signerAt(NOW, { signer }).reply(asked)).rejects.toThrow(InvariantViolation);
  });

  it('lets nothing out that our own verifier refuses: a certificate for another purpose', async () => {
    const other = await authority.issue('participant', { notAfter: NOW + DAY_MS });
    const chain = () => ({
      root: authority.root.certificate,
      issuer: authority.issuer.certificate,
      signer: other.certificate,
    });
    const parts = { chain, signer: createJwsSigner(other.keys) };
    await expect(signerAt(NOW, parts).reply(asked)).rejects.toThrow(InvariantViolation);
  });

  it('looks again where the certificate was reissued', async () => {
    const next = await authority.issue('timestamp-signer');
    const common = { root: authority.root.certificate, issuer: authority.issuer.certificate };
    let signer = issued.certificate;
    const authorityAt = signerAt(NOW, { chain: () => ({ ...common, signer }) });
    for (let turn = 0; turn < 2; turn++) expect(await refusalOf(authorityAt.reply(asked))).toBeUndefined();
    // Of another key than that which signs.
    signer = next.certificate;
    await expect(authorityAt.reply(asked)).rejects.toThrow(InvariantViolation);
    await expect(authorityAt.reply(asked)).rejects.toThrow(InvariantViolation);
  });

  it('refuses what is too much at once, and goes on after it', async () => {
    const authority = signerAt(NOW, { maxUnderWay: 3 });
    const codes = await Promise.all(Array.from({ length: 5 }, () => refusalOf(authority.reply(asked))));
    expect(codes).toEqual([undefined, undefined, undefined, 'too-many-requests', 'too-many-requests']);
    expect(await refusalOf(authority.reply(asked))).toBeUndefined();
  });

  it('goes on after a signature that failed', async () => {
    const good = createJwsSigner(issued.keys);
    let failing = true;
    const signer: JwsSigner = {
      kid: good.kid,
      sign: (bytes) => (failing ? Promise.reject(new Error('no signature')) : good.sign(bytes)),
    };
    const authority = signerAt(NOW, { signer, maxUnderWay: 1 });
    await expect(authority.reply(asked)).rejects.toThrow('no signature');
    failing = false;
    expect(await refusalOf(authority.reply(asked))).toBeUndefined();
  });
});

describe('the order of both kinds of timestamp', () => {
  it('is that of their times, however they come together', async () => {
    let looks = 0;
    let next = 1;
    const sequence = {
      clock: { kind: 'real' as const, read: () => ({ time: (NOW + looks++) as Instant, epoch: 1 }) },
      serials: {
        take: (count: number) => {
          next += count;
          return next - count;
        },
      },
    };
    const chain = () => ({
      root: authority.root.certificate,
      issuer: authority.issuer.certificate,
      signer: issued.certificate,
    });
    const signer = createJwsSigner(issued.keys);
    const batches = new BatchSigner({ ...sequence, signer, chain, authority: TEST_AUTHORITY });
    const replies = signerAt(NOW, sequence);
    const places: { readonly serial: number; readonly at: number }[] = [];
    const json = async () => void places.push(readStamp(await batches.stamp(IMPRINT)));
    const rfc3161 = async () => {
      const root = authority.root.certificate;
      const certificates = [issued.certificate, authority.issuer.certificate];
      const reply = await replies.reply(asked);
      places.push(await verifyTimestampResponse(reply, { root, imprint: IMPRINT, nonce: 'none', certificates }));
    };
    const underWay: Promise<void>[] = [];
    for (let turn = 0; turn < 60; turn++) {
      underWay.push(rfc3161(), json(), rfc3161());
      // Some come at once, some while others are being signed.
      if (turn % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(underWay);
    const ordered = places.toSorted((one, other) => one.serial - other.serial);
    expect(new Set(ordered.map(({ serial }) => serial)).size).toBe(180);
    const times = ordered.map(({ at }) => at);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
    expect(new Set(times).size).toBeGreaterThan(120);
  });
});
