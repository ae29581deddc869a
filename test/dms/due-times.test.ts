import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DueTimes } from '../../dms/due-times.ts';
import type { Instant, LotId } from '../../shared/wire/vocabulary.ts';

/** Adds what is due then, or takes the earliest off. */
const act = fc.oneof(fc.nat(20), fc.constant('remove' as const));
const earliest = (all: readonly number[]) => (all.length === 0 ? undefined : Math.min(...all));

describe('what is due next', () => {
  it('is the earliest of what is there, whatever came and went before', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 200 }), (acts) => {
        const due = new DueTimes();
        // The same in the slow and simple way.
        const all: number[] = [];
        for (const one of acts) {
          if (one === 'remove') {
            due.removeFirst();
            all.splice(all.indexOf(Math.min(...all)), 1);
          } else {
            due.add('a lot' as LotId, one as Instant);
            all.push(one);
          }
          expect(due.first?.at).toBe(earliest(all));
        }
      }),
    );
  });

  it('is each lot once, at its own time', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20)), (times) => {
        const due = new DueTimes();
        for (const [lot, at] of times.entries()) due.add(`lot ${lot}` as LotId, at as Instant);
        const taken: string[] = [];
        for (let { first } = due; first !== undefined; { first } = due) {
          taken.push(`${first.lot} at ${first.at}`);
          due.removeFirst();
        }
        expect(taken.sort()).toEqual(times.map((at, lot) => `lot ${lot} at ${at}`).sort());
      }),
    );
  });
});
