import { beforeEach, describe, expect, it } from 'vitest';
import { Announcer } from '../../../dms/publication/announcer.ts';
import { disclosureRooms } from '../../../dms/publication/disclosure-room.ts';
import type { Letter } from '../../../dms/publication/letters.ts';
import type { AuctionClosed } from '../../../shared/wire/announcements.ts';
import { MAX_MISSED_ANNOUNCEMENTS } from '../../../shared/wire/limits.ts';
import type { Position, Subject } from '../../../shared/wire/vocabulary.ts';

const at = (position: number) => position as Position;
const [ALICE, BOB, CAROL] = ['alice', 'bob', 'carol'] as unknown as [Subject, Subject, Subject];

function letter(event: 'someone_listed' | 'someone_bid' | 'item_closed', position: number): Letter {
  return { to: 'everybody', announcement: { event, position } } as never;
}

function notice(to: Subject, lot: string, position = 1): { to: Subject; notice: AuctionClosed } {
  return { to, notice: { lot, position } as never };
}

let announcer: Announcer;
beforeEach(() => {
  announcer = new Announcer(at(10));
});

describe('the announcer', () => {
  it('begins at the head of the journal, and sends nothing while there is nothing', () => {
    expect(announcer.position).toBe(10);
    expect(announcer.flush()).toBeUndefined();
    expect(announcer.missed(at(10))).toEqual([]);
    expect(announcer.missed(at(9))).toBeUndefined();
  });

  it('gathers by kind, without the name of the kind, and says how far it went', () => {
    announcer.publish([letter('someone_bid', 11)], at(11));
    announcer.publish([letter('someone_listed', 12)], at(12));
    announcer.publish([letter('item_closed', 13), notice(ALICE, 'lot', 13)], at(13));
    announcer.publish([letter('someone_bid', 14)], at(14));
    expect(announcer.flush()).toEqual({
      listed: [{ position: 12 }],
      bids: [{ position: 11 }, { position: 14 }],
      closed: [{ position: 13 }],
      checkpoint: { after: 10, position: 14 },
      notices: [notice(ALICE, 'lot', 13)],
    });
    expect(announcer.flush()).toBeUndefined();
  });

  it('counts as told what was flushed, and nothing before', () => {
    announcer.publish([letter('someone_bid', 11)], at(11));
    expect([announcer.position, announcer.missed(at(10))]).toEqual([10, []]);
    announcer.flush();
    expect(announcer.position).toBe(11);
    expect(announcer.missed(at(10))).toMatchObject([{ event: 'someone_bid', position: 11 }]);
    expect(announcer.missed(at(11))).toEqual([]);
  });

  it('knows no future', () => {
    expect(announcer.missed(at(11))).toBeUndefined();
  });

  it('says nothing at all about records without letters: a bid that is withheld leaves no trace', () => {
    announcer.publish([], at(11));
    expect(announcer.flush()).toBeUndefined();
    expect(announcer.position).toBe(10);
    announcer.publish([notice(ALICE, 'lot', 12)], at(12));
    expect(announcer.flush()).toEqual({ listed: [], bids: [], closed: [], notices: [notice(ALICE, 'lot', 12)] });
    expect(announcer.position).toBe(10);
  });

  it('tells a withheld bid under its own position, to those who have heard everything up to its release', () => {
    announcer.publish([letter('someone_bid', 11)], at(11));
    announcer.publish([], at(12));
    announcer.publish([letter('someone_listed', 13)], at(13));
    announcer.flush();
    announcer.publish([letter('someone_bid', 12), letter('item_closed', 14)], at(14));
    expect(announcer.flush()).toMatchObject({ bids: [{ position: 12 }], checkpoint: { after: 13, position: 14 } });
    expect(announcer.missed(at(13))?.map(({ position }) => position)).toEqual([12, 14]);
  });

  it('tells the bids of one tick in order of position, one that was withheld too', () => {
    announcer.publish([], at(11));
    announcer.publish([letter('someone_bid', 12)], at(12));
    announcer.publish([letter('someone_bid', 11), letter('item_closed', 13)], at(13));
    expect(announcer.flush()?.bids).toEqual([{ position: 11 }, { position: 12 }]);
  });

  it('keeps so much for those who come back', () => {
    for (let position = 11; position <= 11 + MAX_MISSED_ANNOUNCEMENTS; position += 1) {
      announcer.publish([letter('someone_bid', position)], at(position));
    }
    announcer.flush();
    expect(announcer.missed(at(10))).toBeUndefined();
    expect(announcer.missed(at(11))).toHaveLength(MAX_MISSED_ANNOUNCEMENTS);
  });
});

describe('rooms', () => {
  it('hold the parties of one lot each, under names of their own', () => {
    let drawn = 0;
    const newName = () => `room ${++drawn}`;
    const notices = [notice(ALICE, 'one'), notice(BOB, 'one'), notice(ALICE, 'two'), notice(CAROL, 'two')];
    const rooms = disclosureRooms(notices, newName);
    expect(rooms.map(({ name, parties }) => [name, ...parties.map(({ to }) => to)])).toEqual([
      ['room 1', ALICE, BOB],
      ['room 2', ALICE, CAROL],
    ]);
  });
});
