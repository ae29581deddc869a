/** Receipts as they come: good ones are on disk when that is said, bad ones leave evidence and no receipt. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ProofStore } from '../../../client/proof/proof-store.ts';
import { ReceiptBook } from '../../../client/proof/receipt-book.ts';
import type { ReceiptedAnswer } from '../../../shared/wire/commands.ts';
import { type LoggedCommand, SignedLog } from '../../support/signed-log.ts';
import { complaintOfPromise } from '../complaint.ts';

let directory: string;
let log: SignedLog;
let store: ProofStore;
let book: ReceiptBook;
let seen: number[];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gavel-receipts-'));
  log = await SignedLog.create();
  store = new ProofStore(directory);
  seen = [];
  book = new ReceiptBook({
    root: log.authority.root.certificate,
    store,
    see: (checkpoint) => seen.push(checkpoint.size),
  });
});
afterEach(() => rm(directory, { recursive: true }));

async function answerTo(command: LoggedCommand): Promise<ReceiptedAnswer> {
  return { position: command.position, receipt: await log.receipt(command) } as ReceiptedAnswer;
}

const take = (command: LoggedCommand, answer: ReceiptedAnswer) => book.take(command, answer, log.chain);
const receipts = async () => (await store.receipts()).map(({ position }) => position);
const evidence = () => readdir(join(directory, 'evidence'));

describe('a receipt', () => {
  it('is kept when it is good, and its checkpoint compared', async () => {
    const bids = [await log.bid(100), await log.bid(200), await log.bid(300)];
    for (const bid of bids) await take(bid, await answerTo(bid));
    expect(await receipts()).toEqual([1, 2, 3]);
    expect(seen).toEqual([3, 3, 3]);
    await expect(evidence()).rejects.toThrow('ENOENT');
  });

  it('of another command is evidence, and no receipt', async () => {
    const [one, other] = [await log.bid(100), await log.bid(200)];
    await expect(take(one, await answerTo(other))).rejects.toMatchObject({ code: 'receipt-invalid' });
    expect(await receipts()).toEqual([]);
    expect(await readdir(join(directory, 'receipts'))).toEqual([]);
    expect(await evidence()).toEqual([`${one.claims.id}.json`]);
    expect(seen).toEqual([]);
  });

  it('that is bad does not replace the good one of the same command', async () => {
    const [one, other] = [await log.bid(100), await log.bid(200)];
    await take(one, await answerTo(one));
    await expect(take(one, await answerTo(other))).rejects.toMatchObject({ code: 'receipt-invalid' });
    expect(await receipts()).toEqual([1]);
  });

  it('is kept again where the folder was taken away in between, but for the one that noticed', async () => {
    const [one, other] = [await log.bid(100), await log.bid(200)];
    await take(one, await answerTo(one));
    await rm(join(directory, 'receipts'), { recursive: true });
    expect(await complaintOfPromise(take(one, await answerTo(one)))).toBe('home-unreadable');
    await take(other, await answerTo(other));
    expect(await receipts()).toEqual([2]);
  });
});
