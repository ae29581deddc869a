import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AnnouncementFeed } from '../../../client/connection/announcement-feed.ts';
import type { Announcement, Checkpoint } from '../../../shared/wire/announcements.ts';
import type { Position } from '../../../shared/wire/vocabulary.ts';
import { bid, listed, sold } from '../lots.ts';

const p = (position: number) => position as Position;
const checkpoint = (after: number, position: number): Checkpoint => ({ after: p(after), position: p(position) });

/** The positions told by every tick that is complete. */
function told(feed: AnnouncementFeed): number[] {
  const positions: number[] = [];
  for (let batch = feed.next(); batch !== undefined; batch = feed.next()) {
    positions.push(...batch.announcements.map(({ position }) => position));
  }
  return positions;
}

function feedAt(position: number): AnnouncementFeed {
  const feed = new AnnouncementFeed();
  feed.advance(p(position), []);
  return feed;
}

describe('the feed', () => {
  it('tells a tick in order of position, although its frames come by kind', () => {
    const feed = feedAt(3);
    feed.collect([listed(5, 2)]);
    feed.collect([bid(4, 1, 10_000), bid(6, 2, 10_000)]);
    feed.collect([sold(7, 1, 10_000)]);
    expect(feed.next()).toBeUndefined();
    feed.check(checkpoint(3, 7));
    expect(told(feed)).toEqual([4, 5, 6, 7]);
    expect(feed.cursor).toBe(7);
  });

  it('drops what comes twice', () => {
    const feed = feedAt(0);
    feed.collect([listed(1, 1)]);
    feed.check(checkpoint(0, 1));
    feed.collect([listed(1, 1), bid(2, 1, 10_000), bid(2, 1, 10_000)]);
    feed.check(checkpoint(1, 2));
    expect(told(feed)).toEqual([1, 2]);
  });

  it('tells a withheld bid, which comes late under its own position', () => {
    const feed = feedAt(0);
    feed.collect([listed(1, 1)]);
    feed.check(checkpoint(0, 1));
    feed.collect([listed(3, 2)]);
    feed.check(checkpoint(1, 3));
    feed.collect([bid(2, 1, 10_000)]);
    feed.collect([sold(4, 1, 10_000)]);
    feed.check(checkpoint(3, 4));
    expect(told(feed)).toEqual([1, 3, 2, 4]);
  });

  it('holds everything back at a gap, until it is filled', () => {
    const feed = feedAt(3);
    feed.collect([bid(6, 1, 10_000)]);
    feed.check(checkpoint(5, 6));
    feed.collect([bid(7, 1, 11_000)]);
    feed.check(checkpoint(6, 7));
    expect(feed.gap).toBe(3);
    expect(told(feed)).toEqual([]);
    const filled = feed.advance(p(6), [bid(4, 1, 9_000), bid(5, 1, 9_500), bid(6, 1, 10_000)]);
    expect(filled.announcements.map(({ position }) => position)).toEqual([4, 5, 6]);
    expect(feed.gap).toBeUndefined();
    expect(told(feed)).toEqual([7]);
  });

  it('waits for the answer that a session begins with', () => {
    const feed = new AnnouncementFeed();
    feed.begin();
    feed.collect([bid(9, 1, 10_000)]);
    feed.check(checkpoint(8, 9));
    expect(told(feed)).toEqual([]);
    feed.advance(p(8), []);
    expect(told(feed)).toEqual([9]);
  });

  it('leaves to the answer what a former session had not finished', () => {
    const feed = feedAt(3);
    feed.collect([bid(4, 1, 10_000)]);
    feed.begin();
    feed.check(checkpoint(5, 5));
    expect(feed.gap).toBe(3);
    expect(feed.advance(p(5), [bid(4, 1, 10_000), bid(5, 1, 11_000)]).announcements).toHaveLength(2);
  });

  it('a tick up to the answer is answered with it', () => {
    const feed = feedAt(3);
    feed.collect([bid(4, 1, 10_000)]);
    feed.check(checkpoint(3, 4));
    feed.advance(p(4), []);
    expect(told(feed)).toEqual([]);
  });

  it('gives up what has no checkpoint for too long, and asks for it', () => {
    const feed = feedAt(0);
    for (let position = 1; position <= 20_001; position++) feed.collect([bid(position, 1, 10_000)]);
    feed.check(checkpoint(0, 20_001));
    expect(feed.gap).toBe(0);
    expect(told(feed)).toEqual([]);
  });

  it('tells every announcement once, whatever was lost on the way', () => {
    const ticks = fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.boolean()), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(ticks, (sizes) => {
        const all: Announcement[] = [];
        const feed = feedAt(0);
        const heard: number[] = [];
        for (const [size, isLost] of sizes) {
          const after = all.length;
          const tick = Array.from({ length: size }, (_, index) => bid(after + index + 1, 1, 10_000));
          all.push(...tick);
          if (isLost) continue;
          feed.collect(tick);
          feed.check(checkpoint(after, all.length));
          const { gap } = feed;
          if (gap !== undefined) {
            heard.push(...feed.advance(p(all.length), all.slice(gap)).announcements.map(({ position }) => position));
          }
          heard.push(...told(feed));
        }
        expect(heard).toEqual(all.slice(0, heard.length).map(({ position }) => position));
        expect(heard.length).toBe(feed.cursor);
      }),
    );
  });
});
