import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OwnReceipts } from '../../../client/proof/own-receipts.ts';
import { type KeptReceipt, ProofStore } from '../../../client/proof/proof-store.ts';
import type { BidStatement } from '../../../shared/wire/commands.ts';
import { type LoggedCommand, SignedLog } from '../../support/signed-log.ts';
import { TEST_HOUSE } from '../../support/test-authority.ts';

let directory: string;
let log: SignedLog;
let store: ProofStore;
let receipts: OwnReceipts;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gavel-receipts-'));
  log = await SignedLog.create();
  store = new ProofStore(directory);
  receipts = new OwnReceipts({ root: log.authority.root.certificate, store });
});
afterEach(() => rm(directory, { recursive: true }));

async function keep(command: LoggedCommand, changes: Partial<KeptReceipt> = {}): Promise<void> {
  const { statement, position, claims } = command;
  const receipt = await log.receipt(command);
  const kept = { v: 1, statement, position, receipt, chain: log.chain, ...changes } as const;
  await store.keepReceipt(claims.id, kept, async () => undefined);
}

const lotOf = ({ claims }: LoggedCommand) => (claims as BidStatement).lot;

describe('the receipts of a home', () => {
  it('are found by lot, by command, and all, in the order of the journal', async () => {
    const [one, other] = [await log.bid(100), await log.bid(200)];
    await keep(other);
    await keep(one);
    expect((await receipts.find()).map(({ position, amount }) => [position, amount])).toEqual([
      [1, 100],
      [2, 200],
    ]);
    expect(await receipts.find(lotOf(one))).toMatchObject([{ id: one.claims.id, command: 'bid', cosigned: false }]);
    expect(await receipts.find(other.claims.id)).toMatchObject([
      { lot: lotOf(other), position: 2, checkpoint: { size: 2 }, file: store.receiptFile(other.claims.id) },
    ]);
    expect(await receipts.find('00000000-0000-4000-8000-000000000000')).toEqual([]);
  });

  it('are the bids of earlier runs', async () => {
    const [one, other] = [await log.bid(100), await log.bid(200)];
    for (const command of [one, other]) await keep(command);
    expect(await receipts.bids()).toEqual(
      new Map([
        [lotOf(one), [{ position: 1, amount: 100 }]],
        [lotOf(other), [{ position: 2, amount: 200 }]],
      ]),
    );
  });

  it('are cosigned by their own checkpoint, or by a later one that the witness has seen', async () => {
    const witness = await log.authority.issue('token-signer');
    const early = await log.bid(100);
    await keep(early);
    const witnessed = { ...(await log.checkpoint()), witness: await log.cosignature(witness) };
    const late = await log.bid(200);
    await keep(late);
    await store.keepKnown(TEST_HOUSE, { v: 1, last: await log.checkpoint(), witnessed });
    expect((await receipts.find()).map(({ cosigned }) => cosigned)).toEqual([true, false]);
    await keep(late, { receipt: { ...(await log.receipt(late)), witness: await log.cosignature(witness) } });
    expect((await receipts.find(late.claims.id))[0]?.cosigned).toBe(true);
  });

  it('are nothing when a file was changed', async () => {
    const [one, other] = [await log.bid(100), await log.bid(200)];
    await keep(one, { receipt: await log.receipt(other) });
    await expect(receipts.find()).rejects.toMatchObject({ code: 'receipt-invalid' });
    await keep(one, { position: other.position });
    await expect(receipts.find()).rejects.toMatchObject({ code: 'receipt-invalid' });
  });

  it('of many bids are read without opening all files at once', async () => {
    const command = await log.bid(100);
    const text = JSON.stringify({
      v: 1,
      statement: command.statement,
      position: 1,
      receipt: await log.receipt(command),
      chain: log.chain,
    });
    await keep(command);
    const write = async (n: number) => writeFile(join(directory, 'receipts', `${n}.json`), text, { mode: 0o600 });
    for (let n = 0; n < 300; n += 50) await Promise.all(Array.from({ length: 50 }, (_, index) => write(n + index)));
    expect(await receipts.find()).toHaveLength(301);
  });

  it('are read by their owner alone', async () => {
    const command = await log.bid(100);
    await keep(command);
    await chmod(store.receiptFile(command.claims.id), 0o644);
    await expect(receipts.bids()).rejects.toMatchObject({ code: 'home-too-open' });
  });
});
