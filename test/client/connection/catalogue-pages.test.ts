import { describe, expect, it } from 'vitest';
import { allPages } from '../../../client/connection/catalogue-pages.ts';
import { ProtocolError } from '../../../shared/errors.ts';
import type { CatalogueLot, CataloguePage } from '../../../shared/wire/announcements.ts';
import { refusalOf } from '../../support/refusal.ts';

const lot = (number: number) => ({ number }) as CatalogueLot;
const page = (numbers: readonly number[], more: boolean): CataloguePage => ({
  lots: numbers.map(lot),
  ...(more && { more: true }),
});
const nobody = () => Promise.reject(new Error('nothing was to be asked'));

describe('a catalogue in pages', () => {
  it('is the first one, where that is all', async () => {
    expect(await allPages(page([1, 2], false), nobody)).toEqual([lot(1), lot(2)]);
    expect(await allPages(page([], false), nobody)).toEqual([]);
  });

  it('is read to its end, each page after the last lot of the one before', async () => {
    const asked: number[] = [];
    const rest = new Map([
      [2, page([3, 7], true)],
      [7, page([9], false)],
    ]);
    const lots = await allPages(page([1, 2], true), async (after) => {
      asked.push(after);
      return rest.get(after)!;
    });
    expect(lots.map(({ number }) => number)).toEqual([1, 2, 3, 7, 9]);
    expect(asked).toEqual([2, 7]);
  });

  it('asks again when it has asked too often, and never after another refusal', async () => {
    const answers = [new ProtocolError('too-many-requests'), page([2], true), new ProtocolError('shutting-down')];
    const asked: number[] = [];
    const reading = allPages(page([1], true), async (after) => {
      asked.push(after);
      const answer = answers.shift()!;
      if (answer instanceof ProtocolError) throw answer;
      return answer;
    });
    expect(await refusalOf(reading)).toBe('shutting-down');
    expect(asked).toEqual([1, 1, 2]);
  });

  it('believes no page that is empty and says that there is more', async () => {
    expect(await refusalOf(allPages(page([], true), nobody))).toBe('malformed');
  });
});
