import { describe, expect, it } from 'vitest';
import { generateP256 } from '../../../shared/crypto/ecdsa.ts';
import { createJwsSigner, type JwsSigner } from '../../../shared/crypto/jws.ts';
import { readStamp } from '../../../shared/timestamp/timestamp-token.ts';
import { TimestampVerifier } from '../../../shared/timestamp/verify-timestamp.ts';
import { type ClockKind, type Instant, Instant as InstantSchema } from '../../../shared/wire/vocabulary.ts';
import { BatchSigner, type BatchSignerParts } from '../../../trusted-service/timestamp-authority/batch-signer.ts';
import { refusalOf } from '../../support/refusal.ts';
import { someImprints, TEST_AUTHORITY } from '../../support/stamp.ts';

const keys = generateP256();
const now: Instant = InstantSchema.parse(1_900_000_000_000);

/** A certificate that never ends. */
const ALWAYS = { notBefore: 0, notAfter: Number.POSITIVE_INFINITY };

/** A signer that counts, and that waits for its turn where `gate` is given. */
function countingSigner(gate: () => Promise<void> = async () => {}): JwsSigner & { signatures: number } {
  const signer = createJwsSigner(keys);
  return {
    kid: signer.kid,
    signatures: 0,
    async sign(bytes) {
      this.signatures += 1;
      await gate();
      return signer.sign(bytes);
    },
  };
}

function batchSigner(changes: Partial<BatchSignerParts> = {}) {
  const clock = { kind: 'real' as ClockKind, read: () => ({ time: now, epoch: 4 }) };
  let taken = 100;
  const take = (count: number) => {
    taken += count;
    return taken - count;
  };
  const serials = { take };
  const signer = createJwsSigner(keys);
  const chain = () => ({ root: ALWAYS, issuer: ALWAYS, signer: ALWAYS });
  return new BatchSigner({ signer, chain, authority: TEST_AUTHORITY, clock, serials, ...changes });
}

const verifier = () =>
  new TimestampVerifier(() => new Map([[createJwsSigner(keys).kid, keys.publicKey]]), TEST_AUTHORITY);

describe('the batch signer', () => {
  it('signs one imprint at once', async () => {
    const [imprint] = someImprints(1);
    const token = await batchSigner().stamp(imprint!);
    expect(await verifier().verify(token, imprint!)).toEqual({ at: now, serial: 100, epoch: 4, clock: 'real' });
  });

  it('gathers what arrives while it signs, and numbers it in the order of arrival', async () => {
    let open = () => {};
    const closed = new Promise<void>((resolve) => {
      open = resolve;
    });
    const signer = countingSigner(() => closed);
    const authority = batchSigner({ signer });
    const imprints = someImprints(101);
    const first = authority.stamp(imprints[0]!);
    // Under way before the others arrive.
    await new Promise((resolve) => setImmediate(resolve));
    const others = imprints.slice(1).map((imprint) => authority.stamp(imprint));
    open();
    const tokens = await Promise.all([first, ...others]);
    expect(signer.signatures).toBe(2);
    const check = verifier();
    for (const [index, token] of tokens.entries()) {
      expect((await check.verify(token, imprints[index]!)).serial).toBe(100 + index);
    }
  });

  it('signs once for all that arrive together', async () => {
    const signer = countingSigner();
    const authority = batchSigner({ signer });
    const imprints = someImprints(100);
    const tokens = await Promise.all(imprints.map((imprint) => authority.stamp(imprint)));
    expect(signer.signatures).toBe(1);
    const check = verifier();
    for (const [index, token] of tokens.entries()) await check.verify(token, imprints[index]!);
  });

  it('makes no batch larger than allowed, and refuses what its queue does not hold', async () => {
    const signer = countingSigner();
    const authority = batchSigner({ signer, maxBatchSize: 4, maxWaiting: 10 });
    const imprints = someImprints(12);
    const codes = await Promise.all(imprints.map((imprint) => refusalOf(authority.stamp(imprint))));
    expect(codes).toEqual([...Array(10).fill(undefined), 'too-many-requests', 'too-many-requests']);
    expect(signer.signatures).toBe(3);
    // It goes on.
    expect(await refusalOf(authority.stamp(imprints[0]!))).toBeUndefined();
  });

  it('stamps the same imprint twice with two numbers', async () => {
    const [imprint] = someImprints(1);
    const authority = batchSigner();
    const tokens = await Promise.all([authority.stamp(imprint!), authority.stamp(imprint!)]);
    expect(tokens.map((token) => readStamp(token).serial)).toEqual([100, 101]);
  });

  it('takes the time after the last imprint of the batch has arrived', async () => {
    let time = 0;
    const clock = { kind: 'real' as const, read: () => ({ time: time as Instant, epoch: 1 }) };
    const authority = batchSigner({ clock });
    const stamping = authority.stamp(someImprints(1)[0]!);
    time = 5;
    expect(readStamp(await stamping).at).toBe(5);
  });

  it.each([
    ['root', 'clock-out-of-certificates'],
    ['issuer', 'clock-out-of-certificates'],
    ['signer', 'signer-expired'],
  ])('signs nothing when the %s is over, and goes on when it is renewed', async (name, code) => {
    const signer = countingSigner();
    const chain = { root: ALWAYS, issuer: ALWAYS, signer: ALWAYS };
    const authority = batchSigner({ signer, chain: () => chain });
    const ends = (notBefore: number, notAfter: number) => Object.assign(chain, { [name]: { notBefore, notAfter } });
    for (const [notBefore, notAfter] of [
      [0, now - 1],
      [now + 1, now + 5],
    ] as const) {
      ends(notBefore, notAfter);
      expect(await refusalOf(authority.stamp(someImprints(1)[0]!))).toBe(code);
    }
    expect(signer.signatures).toBe(0);
    ends(now, now);
    expect(readStamp(await authority.stamp(someImprints(1)[0]!)).at).toBe(now);
  });

  it('gives no token where no serials can be reserved, and recovers', async () => {
    let full = true;
    const take = () => {
      if (full) throw new Error('disk full');
      return 7;
    };
    const authority = batchSigner({ serials: { take } });
    const imprints = someImprints(3);
    const outcomes = await Promise.allSettled(imprints.map((imprint) => authority.stamp(imprint)));
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    full = false;
    expect(readStamp(await authority.stamp(imprints[0]!)).serial).toBe(7);
  });
});
