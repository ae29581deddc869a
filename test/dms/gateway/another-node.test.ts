/** Who comes from another node, and has heard more than this one. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Head, JournalAway, type Recorded } from '../../../dms/journal/journal.ts';
import { MemoryJournal } from '../../../dms/journal/memory-journal.ts';
import type { Position } from '../../../shared/wire/vocabulary.ts';
import { createTestService } from '../../support/house.ts';
import type { Participant } from '../../support/participant.ts';
import type { RawSocket } from '../../support/raw-socket.ts';
import { TEST_HOUSE } from '../../support/test-authority.ts';
import { TestNode } from '../../support/test-node.ts';

/** A journal for two nodes in one process, which the second finds open. */
class SharedJournal extends MemoryJournal {
  readonly isShared = true;
  isAway = false;
  #opened: Promise<Head> | undefined;

  override open(): Promise<Head> {
    this.#opened = this.#opened?.then(() => this.head()) ?? super.open();
    return this.#opened;
  }

  override read(after: Position, limit: number): Promise<Recorded[]> {
    return this.isAway ? Promise.reject(new JournalAway()) : super.read(after, limit);
  }
}

let journal: SharedJournal;
let here: TestNode;
let there: TestNode;
let seller: Participant;
let bidder: Participant;
let sellerThere: RawSocket;

beforeEach(async () => {
  const service = await createTestService();
  journal = new SharedJournal(TEST_HOUSE);
  [here, there] = [await TestNode.start({ service, journal }), await TestNode.start({ service, journal })];
  [seller, bidder] = await Promise.all([service.participant(), service.participant()]);
  ({ socket: sellerThere } = await there.enter(seller));
});
afterEach(async () => {
  expect([...here.failures, ...there.failures]).toEqual([]);
  await Promise.all([here.stop(), there.stop()]);
});

const positions = (socket: RawSocket) =>
  socket.heard.flatMap(({ name, args }) =>
    name === 'checkpoint' ? [] : (args[0] as { position: number }[]).map(({ position }) => position),
  );

describe('a participant who comes from another node', () => {
  it('hears what it has not heard there, and nothing again', async () => {
    await there.list(seller, sellerThere);
    await there.list(seller, sellerThere);
    await there.list(seller, sellerThere);
    there.flush();
    // Here nobody has heard of it yet, and no tick has gone.
    expect(here.house.position).toBe(0);
    const { socket, current } = await here.enter(bidder, 2);
    expect(current).toMatchObject({
      outcome: 'accepted',
      position: 3,
      catchUp: { kind: 'missed', announcements: [{ position: 3 }] },
    });
    expect(here.house.position).toBe(3);
    await there.list(seller, sellerThere);
    await here.house.refresh();
    here.flush();
    await socket.told('checkpoint');
    expect(positions(socket)).toEqual([4]);
    expect(socket.heard.at(-1)?.args).toEqual([[{ after: 3, position: 4 }]]);
  });

  it('is not shown a past that it knows better while the journal is away, and is let in when that is over', async () => {
    await there.list(seller, sellerThere);
    journal.isAway = true;
    const { current } = await here.enter(bidder, 1);
    expect(current).toMatchObject({ outcome: 'refused', code: 'journal-unavailable' });
    journal.isAway = false;
    expect((await here.enter(bidder, 1)).current).toMatchObject({ outcome: 'accepted', position: 1 });
  });

  it('finds there what it has just been told here, in its lots and in those of all', async () => {
    const { lot } = await there.list(seller, sellerThere);
    const { socket } = await here.enter(seller);
    for (const type of ['allitems', 'myitems']) {
      expect(await socket.ask('query', { type })).toMatchObject({ position: 1, lots: [{ lot }] });
    }
    journal.isAway = true;
    await there.house.stop();
    expect(await socket.ask('query', { type: 'allitems' })).toMatchObject({ outcome: 'accepted', position: 1 });
  });

  it('is told of more than there is, and sees how everything stands', async () => {
    await there.list(seller, sellerThere);
    expect((await here.enter(bidder, 99)).current).toMatchObject({
      catchUp: { kind: 'snapshot', lots: [{ number: 1 }] },
    });
  });
});
