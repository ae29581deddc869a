/** What a client missed: exact, by the position of the release, or not at all. */
import { describe, expect, it } from 'vitest';
import { AnnouncementLog } from '../../../dms/publication/announcement-log.ts';
import { InvariantViolation } from '../../../shared/invariant.ts';
import type { Announcement } from '../../../shared/wire/announcements.ts';
import { MAX_MISSED_ANNOUNCEMENTS } from '../../../shared/wire/limits.ts';
import type { Position } from '../../../shared/wire/vocabulary.ts';

const at = (position: number) => position as Position;
const announced = (...positions: number[]) => positions.map((position) => ({ position }) as Announcement);
const since = (log: AnnouncementLog, position: number) => log.since(at(position))?.map((one) => one.position);

function logOf(releases: [released: number, ...positions: number[]][], limit?: number): AnnouncementLog {
  const log = new AnnouncementLog(at(0), limit);
  for (const [released, ...positions] of releases) log.append(at(released), announced(...positions));
  return log;
}

describe('the announcement log', () => {
  it('gives what was released after a position, oldest first', () => {
    const log = logOf([
      [1, 1],
      [2, 2],
      [5, 5],
    ]);
    expect(since(log, 0)).toEqual([1, 2, 5]);
    expect(since(log, 2)).toEqual([5]);
    expect(since(log, 4)).toEqual([5]);
    expect(since(log, 5)).toEqual([]);
    expect(since(log, 9)).toEqual([]);
  });

  it('counts a withheld bid by the record that released it', () => {
    const log = logOf([[6, 6], [7], [8, 8], [9, 7, 9]]);
    expect(since(log, 8)).toEqual([7, 9]);
    expect(since(log, 6)).toEqual([8, 7, 9]);
    expect(since(log, 9)).toEqual([]);
  });

  it('is bounded, and says so instead of leaving something out', () => {
    const log = logOf(
      [
        [1, 1],
        [2, 2],
        [4, 3, 4],
        [5, 5],
      ],
      3,
    );
    expect(since(log, 1)).toBeUndefined();
    expect(since(log, 2)).toEqual([3, 4, 5]);
    log.append(at(6), announced(6));
    expect(since(log, 3)).toBeUndefined();
    expect(since(log, 4)).toEqual([5, 6]);
  });

  it('drops a release that alone is more than it holds', () => {
    const log = logOf(
      [
        [1, 1],
        [5, 2, 3, 4, 5],
      ],
      3,
    );
    expect(since(log, 4)).toBeUndefined();
    expect(since(log, 5)).toEqual([]);
  });

  it('holds as many as the protocol lets a client miss', () => {
    const log = new AnnouncementLog();
    for (let position = 1; position <= MAX_MISSED_ANNOUNCEMENTS + 1; position += 1) {
      log.append(at(position), announced(position));
    }
    expect(since(log, 0)).toBeUndefined();
    expect(since(log, 1)).toHaveLength(MAX_MISSED_ANNOUNCEMENTS);
  });

  it('knows nothing from before its beginning', () => {
    const log = new AnnouncementLog(at(7));
    expect(since(log, 6)).toBeUndefined();
    expect(since(log, 7)).toEqual([]);
  });

  it('takes releases in order alone', () => {
    const log = logOf([[3, 3]]);
    expect(() => log.append(at(3), announced(3))).toThrow(InvariantViolation);
    expect(() => log.append(at(2), announced(2))).toThrow(InvariantViolation);
    expect(() => new AnnouncementLog(at(7)).append(at(7), announced(7))).toThrow(InvariantViolation);
  });
});
