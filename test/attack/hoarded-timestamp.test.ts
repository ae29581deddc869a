/** A timestamp hoarded, or moved to another command: a token is good for one statement, and for a moment. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOfText } from '../../shared/crypto/digest.ts';
import { MerkleTree } from '../../shared/merkle/tree.ts';
import { imprintLeaf, readStamp } from '../../shared/timestamp/timestamp-token.ts';
import type { TimestampToken } from '../../shared/wire/timestamp-token.ts';
import type { CompactJws } from '../../shared/wire/vocabulary.ts';
import type { HandParticipant } from '../support/hand-participant.ts';
import { FORGIVING } from '../support/house-servers.ts';
import type { Answer, RawSocket } from '../support/raw-socket.ts';
import { type ListedLot, RunningHouse } from '../support/running-house.ts';
import { until } from '../support/until.ts';

let house: RunningHouse;
let seller: HandParticipant;
let bidder: HandParticipant;
let socket: RawSocket;
let lot: ListedLot;
let amount = 100;

beforeAll(async () => {
  house = await RunningHouse.start({ rates: FORGIVING });
  [seller, bidder] = [await house.participant('sue'), await house.participant('bob')];
  socket = await house.rawSocket(bidder);
  lot = await house.list(seller, await house.rawSocket(seller), { closesAt: Math.round(house.now()) + 600_000 });
});
afterAll(() => house.close());

function bidStatement(): Promise<CompactJws> {
  amount += 10;
  return house.statement(bidder, house.bidClaims(lot, amount));
}

function send(statement: CompactJws, token: TimestampToken): Promise<Answer> {
  return socket.ask('command', bidder.seal(statement, token, socket.sealingKey));
}

describe('a timestamp', () => {
  it('of another command of the same bidder is refused, also of the same batch', async () => {
    const [one, other] = [await bidStatement(), await bidStatement()];
    const tokens = await Promise.all([bidder.stamp(one), bidder.stamp(other)]);
    expect(await send(other, tokens[0])).toMatchObject({ code: 'timestamp-not-for-statement' });
    expect(await send(other, tokens[1])).toMatchObject({ outcome: 'accepted' });
    expect(await send(one, tokens[1])).toMatchObject({ code: 'timestamp-not-for-statement' });
  });

  it('over nothing in particular is refused: over a nonce, over another digest, over a node of the tree', async () => {
    const statement = await bidStatement();
    const overNonce = await house.operator.time('a-nonce-of-the-hoarder');
    expect(await send(statement, overNonce)).toMatchObject({ code: 'timestamp-not-for-statement' });
    const overOther = await house.operator.timestamp(digestOfText(`${statement} `));
    expect(await send(statement, overOther)).toMatchObject({ code: 'timestamp-not-for-statement' });
    // A token for a leaf that is itself the root of a tree with the statement in it: leaves and nodes are told apart.
    const tree = new MerkleTree([statement, 'another'].map((text) => imprintLeaf(digestOfText(text))));
    const root = Buffer.from(tree.root()).toString('base64url');
    const overTree = await house.operator.timestamp(root as never);
    const path = tree.path(0).map((hash) => Buffer.from(hash).toString('base64url'));
    expect((await send(statement, { ...overTree, path: [...path, ...overTree.path] })).code).toMatch(
      /^timestamp-(invalid|not-for-statement)$/,
    );
  });

  it('with another place in its batch is refused', async () => {
    const statement = await bidStatement();
    const token = await bidder.stamp(statement);
    const moved = [
      { ...token, index: token.index + 1 },
      { ...token, path: [...token.path, digestOfText('x')] },
    ];
    for (const forged of moved) {
      expect((await send(statement, forged)).code).toMatch(/^timestamp-(invalid|not-for-statement)$/);
    }
  });

  it('is good until it is three seconds old, and no longer', { timeout: 15_000 }, async () => {
    const [held, hoarded] = [await bidStatement(), await bidStatement()];
    const [young, old] = await Promise.all([bidder.stamp(held), bidder.stamp(hoarded)]);
    const stampedAt = readStamp(old).at;
    // 200 ms for what two processes on a busy machine may differ; the exact boundary is in the intake's own tests.
    await until('nearly three seconds', () => house.now() > stampedAt + 2_000);
    expect(await send(held, young)).toMatchObject({ outcome: 'accepted' });
    await until('more than three seconds', () => house.now() > stampedAt + 3_200);
    expect(await send(hoarded, old)).toMatchObject({ code: 'timestamp-stale' });
    // The same statement with a fresh one is taken, if nothing else speaks against it.
    const again = await house.statement(bidder, house.bidClaims(lot, amount + 50));
    amount += 50;
    expect(await send(again, await bidder.stamp(again))).toMatchObject({ outcome: 'accepted' });
  });

  it('that was hoarded is not made fresh by setting the clock back to its time', async () => {
    const statement = await bidStatement();
    const token = await bidder.stamp(statement);
    await house.travelTo(house.now() + 60_000);
    await house.travelTo(readStamp(token).at);
    expect(await send(statement, token)).toMatchObject({ code: 'timestamp-stale' });
  });

  it('from the future is refused: of before the clock was set back', async () => {
    await house.travelTo(house.now() + 30_000);
    const statement = await bidStatement();
    const token = await bidder.stamp(statement);
    await house.travelTo(house.now() - 20_000);
    expect(await send(statement, token)).toMatchObject({ outcome: 'refused', code: 'timestamp-stale' });
  });

  it('of another authority is refused', async () => {
    const stranger = await RunningHouse.start({ withoutDms: true });
    const statement = await bidStatement();
    const token = await stranger.operator.timestamp(digestOfText(statement));
    expect(await send(statement, token)).toMatchObject({ code: 'timestamp-invalid' });
    await stranger.close();
  });

  it('is not kept alive by the listing of a lot that it was made for', async () => {
    const id = randomUUID();
    const statement = await house.statement(bidder, { type: 'list', ...house.terms(), id });
    const token = await bidder.stamp(await bidStatement());
    expect(await send(statement, token)).toMatchObject({ code: 'timestamp-not-for-statement' });
  });
});
