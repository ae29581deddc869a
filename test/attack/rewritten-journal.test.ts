/** A DMS that drops, rewrites or forks its journal: whoever holds a receipt or a checkpoint notices, keeps the evidence, and leaves. */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AuctionClient } from '../../client/auction-client.ts';
import { runClient } from '../../client/main.ts';
import type { Fork } from '../../client/proof/log-watch.ts';
import { ReceiptDesk } from '../../dms/proof/receipt-desk.ts';
import { WitnessDesk } from '../../dms/proof/witness-desk.ts';
import { parseJws } from '../../shared/crypto/jws.ts';
import type { ProtocolError } from '../../shared/errors.ts';
import { verifyCheckpoint } from '../../shared/journal/checkpoint.ts';
import { verifyReceipt } from '../../shared/journal/receipt.ts';
import { CommandStatement } from '../../shared/wire/commands.ts';
import type { Amount } from '../../shared/wire/vocabulary.ts';
import { copyFolder } from '../support/copy-folder.ts';
import { refusalOf } from '../support/refusal.ts';
import { RunningHouse } from '../support/running-house.ts';
import { soon, until } from '../support/until.ts';

let house: RunningHouse;
let victim: AuctionClient;
beforeEach(async () => {
  house = await RunningHouse.start();
  const seller = await house.enrolled('sue');
  await seller.list(house.terms({ closesAt: Math.round(house.now()) + 3_600_000 }));
  victim = await house.enrolled('victim');
});
afterEach(async () => {
  vi.restoreAllMocks();
  await house.close();
});

/** A client pauses for up to five seconds between two attempts to come back, and an attempt can come too early. */
const COME_BACK_MS = 30_000;

const bid = (client: AuctionClient, amount: number) => client.bid({ lot: 1, amount: amount as Amount });
const folder = (kind: string) => join(house.home, 'client', 'victim', kind);
const kept = (kind: string) =>
  readdirSync(folder(kind)).map((name) => JSON.parse(readFileSync(join(folder(kind), name), 'utf8')));

/** The house as it was before `meanwhile`, with everything that it had. */
async function travelBack(meanwhile: () => Promise<unknown>): Promise<void> {
  const [dms, copy] = [join(house.home, 'dms'), join(house.home, 'copy')];
  await house.stopDms();
  copyFolder(dms, copy);
  await house.startDms();
  await meanwhile();
  await house.stopDms();
  rmSync(dms, { recursive: true });
  copyFolder(copy, dms);
}

/** A node whose operator has taken out the look at the witness before the start. */
async function startLiar(): Promise<void> {
  vi.spyOn(WitnessDesk.prototype, 'ask').mockResolvedValueOnce();
  await house.startDms();
}

/** What the victim hears of a fork, and what it fails with. */
function listen(client: AuctionClient): { fork: Promise<Fork>; failure: Promise<unknown> } {
  const [fork, failure] = [Promise.withResolvers<Fork>(), Promise.withResolvers<unknown>()];
  client.on('fork', fork.resolve);
  client.on('failed', failure.resolve);
  return { fork: fork.promise, failure: failure.promise };
}

/** The program on the victim's home: its exit code and what it said. */
async function program(face: 'json' | 'plain'): Promise<{ code: number; text: string }> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  let text = '';
  stdout.on('data', (chunk) => {
    text += chunk;
  });
  const env = {
    GAVEL_HOME: join(house.home, 'run'),
    GAVEL_TRUSTED_SERVICE_URL: house.serviceUrl,
    GAVEL_DMS_URL: house.dmsUrl,
    GAVEL_ROOT: `sha256:${house.root.sha256}`,
  };
  copyFolder(join(house.home, 'client', 'victim'), join(house.home, 'run', 'client'));
  const signal = AbortSignal.timeout(20_000);
  const code = await soon('the end', runClient({ [face]: true }, { stdin, stdout, stderr, env, signal }), 20_000);
  return { code, text };
}

describe('a house that was put back to an earlier state', () => {
  it('and has lost a bid that it acknowledged, is caught by the bidder, and refused by the witness', {
    timeout: 60_000,
  }, async () => {
    const { fork, failure } = listen(victim);
    await travelBack(async () => expect(await bid(victim, 150)).toMatchObject({ outcome: 'accepted', position: 2 }));
    await startLiar();
    const { known, shown, error, evidence } = await soon('the alarm', fork, COME_BACK_MS);
    // The bid's own checkpoint is the one that was known, or, where the house ended before it gave a proof, the one still to fit.
    expect([known.size, shown.size].sort()).toEqual([1, 2]);
    expect(error.code).toBe('log-inconsistent');
    expect(await soon('the failure', failure)).toBe(error);
    expect(victim.isUp).toBe(false);
    expect(await refusalOf(bid(victim, 160))).toBe('log-inconsistent');
    // Both are there as they were signed, for anybody who has the root.
    expect(evidence.startsWith(folder('evidence'))).toBe(true);
    const [proof] = kept('evidence');
    for (const side of ['known', 'shown'])
      expect((await verifyCheckpoint(proof[side], house.root)).house).toBe(house.house);
  });

  it('and has gone on with another bid in its place, is caught by both', async () => {
    await travelBack(async () => {
      await bid(victim, 150);
      const seen = () => house.operator.witnessed(house.house).then(({ size }) => size === 2);
      await until('the witness', seen);
    });
    await victim.close();
    // An honest operator does not get so far.
    expect(await refusalOf(house.startDms())).toBe('journal-behind');
    await startLiar();
    // Who comes new has never been shown the other history.
    const rival = await house.enrolled('rival');
    await bid(rival, 120);
    await bid(rival, 130);
    const { code, text } = await program('json');
    expect(code).toBe(6);
    const said = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(said.find(({ type }) => type === 'fork')).toMatchObject({
      data: { house: house.house, code: 'log-inconsistent', known: { size: 2 }, shown: { size: 3 } },
    });
    const plain = await program('plain');
    expect(plain.code).toBe(6);
    expect(plain.text).toMatch(/ALARM: a journal of \d+ records does not fit the 2 that were shown before/);
    await until('the refusal', () => house.log.some((line) => line.includes('log-inconsistent')));
  });
});

describe('a receipt', () => {
  it('is kept, and shows to anybody who has the root that the bid was recorded', async () => {
    const answer = await bid(victim, 150);
    const [{ statement, position, receipt, chain }] = kept('receipts');
    const checkpoint = await verifyCheckpoint({ checkpoint: receipt.checkpoint, chain }, house.root);
    const { claims } = parseJws(statement, 'command+jwt', CommandStatement);
    const record = verifyReceipt(receipt, { statement, claims, position }, checkpoint);
    expect([claims.id, position, record.kind]).toEqual([answer.id, 2, 'bid']);
  });

  it('of another record is no receipt: the answer is kept as evidence, and not believed', async () => {
    await bid(victim, 150);
    const { receipt } = ReceiptDesk.prototype;
    vi.spyOn(ReceiptDesk.prototype, 'receipt').mockImplementation(function (this: ReceiptDesk, _position, reader) {
      return receipt.call(this, 2 as never, reader);
    });
    const error = await bid(victim, 160).then(
      () => undefined,
      (reason: ProtocolError) => reason,
    );
    expect(error?.code).toBe('receipt-invalid');
    expect(kept('evidence')).toEqual([expect.objectContaining({ answer: expect.objectContaining({ position: 3 }) })]);
    expect(kept('receipts')).toHaveLength(1);
  });

  it('by the witness’s checkpoint comes with its word, for whoever asks again', async () => {
    const answer = await bid(victim, 150);
    await until('the witness', async () => (await house.operator.witnessed(house.house)).size === 2);
    const again = async () => {
      await victim.bid({ lot: 1, amount: 150 as Amount, id: answer.id });
      return kept('receipts')[0].receipt.witness !== undefined;
    };
    expect(await until('the cosignature', again)).toBe(true);
  });
});
