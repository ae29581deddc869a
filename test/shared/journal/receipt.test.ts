import { beforeAll, describe, expect, it } from 'vitest';
import { decodeBase64url, encodeBase64url } from '../../../shared/bytes.ts';
import { digestOfText } from '../../../shared/crypto/digest.ts';
import { createJwsSigner } from '../../../shared/crypto/jws.ts';
import { signCheckpoint, verifyCheckpoint, verifyCosignature } from '../../../shared/journal/checkpoint.ts';
import { type Recording, verifyReceipt } from '../../../shared/journal/receipt.ts';
import type { Receipt } from '../../../shared/wire/log.ts';
import { refusalOf } from '../../support/refusal.ts';
import { LOG_TIME, type LoggedCommand, SignedLog } from '../../support/signed-log.ts';
import { TEST_HOUSE } from '../../support/test-authority.ts';

const OTHER_HOUSE = '11111111-1111-4111-8111-111111111111' as typeof TEST_HOUSE;
const DAY_MS = 24 * 3_600_000;

let log: SignedLog;
let own: LoggedCommand;
let other: LoggedCommand;
beforeAll(async () => {
  log = await SignedLog.create();
  for (const amount of [100, 110, 120, 130, 140]) await log.bid(amount);
  [, own, other] = log.commands as [LoggedCommand, LoggedCommand, LoggedCommand];
});

const root = () => log.authority.root.certificate;

async function verify(receipt: Receipt, recording: Recording = own): Promise<void> {
  const { checkpoint } = receipt;
  verifyReceipt(receipt, recording, await verifyCheckpoint({ checkpoint, chain: log.chain }, root()));
}

const flipped = (text: string) => {
  const bytes = decodeBase64url(text)!;
  bytes[0]! ^= 1;
  return encodeBase64url(bytes);
};

describe('a receipt', () => {
  it('shows each command of the journal to be where it is', async () => {
    for (const command of log.commands) await verify(await log.receipt(command), command);
  });

  it.each<[string, (good: Receipt) => Promise<Receipt>, (good: Recording) => Recording]>([
    ['is of another record', () => log.receipt(other), (recording) => recording],
    [
      'has the record of ours, and the path of another',
      async (good) => ({ ...good, path: (await log.receipt(other)).path }),
      (recording) => recording,
    ],
    ['is for another position', async (good) => good, (recording) => ({ ...recording, position: 3 as never })],
    ['is for position 0', async (good) => good, (recording) => ({ ...recording, position: 0 as never })],
    [
      'is for a position after the checkpoint',
      async (good) => good,
      (recording) => ({ ...recording, position: 6 as never }),
    ],
    ['is for another statement', async (good) => good, (recording) => ({ ...recording, statement: other.statement })],
    [
      'has another amount than was signed',
      async (good) => ({ ...good, record: good.record.replace('"amount":110', '"amount":111') }),
      (recording) => recording,
    ],
    [
      'is for a command of another amount',
      async (good) => good,
      (recording) => ({ ...recording, claims: { ...recording.claims, amount: 111 } as never }),
    ],
    [
      'has another commitment',
      async (good) => ({ ...good, commitment: flipped(good.commitment) }),
      (recording) => recording,
    ],
    ['lacks a step of its path', async (good) => ({ ...good, path: good.path.slice(1) }), (recording) => recording],
    [
      'has a step too many',
      async (good) => ({ ...good, path: [...good.path, good.path[0]!] }),
      (recording) => recording,
    ],
    ['has a record that is none', async (good) => ({ ...good, record: '{}' }), (recording) => recording],
    [
      'has a record with a member twice',
      async (good) => ({ ...good, record: good.record.replace('{', '{"v":1,') }),
      (recording) => recording,
    ],
    [
      'is of another house than the command',
      async (good) => good,
      (recording) => ({ ...recording, claims: { ...recording.claims, aud: OTHER_HOUSE } }),
    ],
  ])('that %s is refused', async (_what, change, meant) => {
    expect(await refusalOf(verify(await change(await log.receipt(own)), meant(own)))).toBe('receipt-invalid');
  });
});

describe('a checkpoint', () => {
  it('is verified from the root alone', async () => {
    const { house, size, time } = await verifyCheckpoint(await log.checkpoint(), root());
    expect({ house, size, time }).toEqual({ house: TEST_HOUSE, size: 5, time: LOG_TIME });
  });

  it('is refused by a node of another house', async () => {
    expect(await refusalOf(verifyCheckpoint(await log.checkpoint({ house: OTHER_HOUSE }), root()))).toBe(
      'certificate-untrusted',
    );
  });

  it('is refused where the node was not certified at its time', async () => {
    const late = await log.checkpoint({ time: (LOG_TIME + 2 * DAY_MS) as typeof LOG_TIME });
    expect(await refusalOf(verifyCheckpoint(late, root()))).toBe('certificate-expired');
    const early = await log.checkpoint({ time: (LOG_TIME - DAY_MS) as typeof LOG_TIME });
    expect(await refusalOf(verifyCheckpoint(early, root()))).toBe('certificate-not-yet-valid');
  });

  it('is refused by whoever is no node of this root', async () => {
    const stranger = await SignedLog.create();
    await stranger.bid(100);
    expect(await refusalOf(verifyCheckpoint(await stranger.checkpoint(), root()))).toBe('certificate-untrusted');
    for (const profile of ['participant', 'token-signer', 'trusted-service-tls'] as const) {
      const holder = await log.authority.issue(profile);
      const head = { size: 5, root: log.tree.root() };
      const checkpoint = await signCheckpoint(createJwsSigner(holder.keys), TEST_HOUSE, head, LOG_TIME);
      const signed = { checkpoint, chain: log.chainOf(holder) };
      expect(await refusalOf(verifyCheckpoint(signed, root())), profile).toBe('certificate-untrusted');
    }
  });

  it('is refused under another root, or another issuer, after it was verified under its own', async () => {
    const [signed, stranger] = [await log.checkpoint(), await SignedLog.create()];
    const [node] = signed.chain;
    const [, otherIssuer] = stranger.chain;
    for (let time = 0; time < 2; time += 1) {
      await verifyCheckpoint(signed, root());
      const elsewhere = verifyCheckpoint(signed, stranger.authority.root.certificate);
      expect(await refusalOf(elsewhere)).toBe('certificate-untrusted');
      expect(await refusalOf(verifyCheckpoint({ ...signed, chain: [node!, otherIssuer!] }, root()))).toBe(
        'certificate-untrusted',
      );
    }
  });

  it('is refused where the node’s key has not signed it, or signed it by another name', async () => {
    const [signed, earlier] = [await log.checkpoint(), await log.checkpoint({ size: 1 })];
    const borrowed = signed.checkpoint.replace(/[^.]*$/, earlier.checkpoint.split('.')[2]!) as typeof signed.checkpoint;
    expect(await refusalOf(verifyCheckpoint({ ...signed, checkpoint: borrowed }, root()))).toBe('signature-invalid');
    const named = { ...createJwsSigner(log.node.keys), kid: digestOfText('somebody else') };
    const head = { size: 1, root: log.tree.root(1) };
    const checkpoint = await signCheckpoint(named, TEST_HOUSE, head, LOG_TIME);
    expect(await refusalOf(verifyCheckpoint({ ...signed, checkpoint }, root()))).toBe('signature-invalid');
  });

  it('is refused with the certificate of another node', async () => {
    const { checkpoint } = await log.checkpoint();
    const chain = log.chainOf(await log.authority.issue('dms-node'));
    expect(await refusalOf(verifyCheckpoint({ checkpoint, chain }, root()))).toBe('signature-invalid');
  });
});

describe('a cosignature', () => {
  it('is the witness’s word on this checkpoint', async () => {
    const witness = await log.authority.issue('token-signer');
    const checkpoint = await verifyCheckpoint(await log.checkpoint(), root());
    expect(await verifyCosignature(await log.cosignature(witness), checkpoint, root())).toBe(LOG_TIME);
    for (const changes of [
      { size: 4 },
      { root: encodeBase64url(log.tree.root(4)) },
      { house: OTHER_HOUSE },
      { iss: 'sha256:00' },
    ]) {
      const forged = await log.cosignature(witness, changes as never);
      expect(await refusalOf(verifyCosignature(forged, checkpoint, root())), JSON.stringify(changes)).toBe(
        'signature-invalid',
      );
    }
  });

  it('is not that of a node, which would be its own witness', async () => {
    const checkpoint = await verifyCheckpoint(await log.checkpoint(), root());
    const own = await log.cosignature(log.node);
    expect(await refusalOf(verifyCosignature(own, checkpoint, root()))).toBe('certificate-untrusted');
  });
});
