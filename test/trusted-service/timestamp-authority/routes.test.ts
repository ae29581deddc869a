import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOfText } from '../../../shared/crypto/digest.ts';
import { verifyKeySet } from '../../../shared/pki/trust-anchors.ts';
import { readStamp } from '../../../shared/timestamp/timestamp-token.ts';
import { TimestampVerifier } from '../../../shared/timestamp/verify-timestamp.ts';
import { refusalOf } from '../../support/refusal.ts';
import { someImprints } from '../../support/stamp.ts';
import { TestService } from '../test-service.ts';

let service: TestService;
beforeAll(async () => {
  service = await TestService.start({ clock: 'real' });
});
afterAll(() => service.stop());

async function verifier() {
  const { timestamp } = verifyKeySet(await service.client.keySet(), service.root, service.machine.time);
  return new TimestampVerifier(() => timestamp, service.authority, 'real');
}

describe('/api/timestamp', () => {
  it('stamps a hundred imprints at once, each with a number of its own and a token that verifies', async () => {
    const imprints = someImprints(100);
    const tokens = await Promise.all(imprints.map((imprint) => service.client.timestamp(imprint)));
    const check = await verifier();
    const stamps = await Promise.all(tokens.map((token, index) => check.verify(token, imprints[index]!)));
    expect(new Set(stamps.map(({ serial }) => serial)).size).toBe(100);
    expect(await refusalOf(check.verify(tokens[0]!, imprints[1]!))).toBe('timestamp-not-for-statement');
  });

  it('signs the present time over a nonce', async () => {
    const nonce = 'a-nonce-of-the-caller';
    const token = await service.client.time(nonce);
    const stamp = await (await verifier()).verify(token, digestOfText(nonce));
    expect(stamp).toMatchObject({ at: service.machine.time, clock: 'real' });
  });

  it('numbers on, in another epoch, after a restart', async () => {
    const [imprint] = someImprints(1);
    const before = readStamp(await service.client.timestamp(imprint!));
    await service.restart();
    const after = readStamp(await service.client.timestamp(imprint!));
    expect(after.serial).toBeGreaterThan(before.serial);
    expect(after.epoch).toBe(before.epoch + 1);
  });

  it('does not go back in time within an epoch when the machine does', async () => {
    const [imprint] = someImprints(1);
    const before = readStamp(await service.client.timestamp(imprint!));
    service.machine.time -= 60_000;
    const after = readStamp(await service.client.timestamp(imprint!));
    expect(after.epoch).toBe(before.epoch);
    expect(after.at).toBe(before.at);
    service.machine.time += 61_000;
    expect(readStamp(await service.client.timestamp(imprint!)).at).toBe(before.at + 1_000);
  });
});
