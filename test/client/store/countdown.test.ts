import { describe, expect, it } from 'vitest';
import { EMPTY_COUNTDOWN, passMarks } from '../../../client/store/countdown.ts';
import { EMPTY_MODEL, type Model } from '../../../client/store/model.ts';
import { update } from '../../../client/store/update.ts';
import type { CatalogueLot } from '../../../shared/wire/announcements.ts';
import { at, catalogueLot } from '../lots.ts';

const modelOf = (...lots: CatalogueLot[]): Model => update(EMPTY_MODEL, { type: 'catalogue', lots });

/** The marks said at each look, in seconds before the closing at 600 s. */
function said(looks: readonly (readonly [seconds: number, model: Model])[]): (number | undefined)[] {
  let countdown = EMPTY_COUNTDOWN;
  return looks.map(([seconds, model]) => {
    const step = passMarks(countdown, model, at(seconds));
    countdown = step.countdown;
    expect(step.passed.length).toBeLessThan(2);
    return step.passed[0] === undefined ? undefined : step.passed[0].markMs / 1_000;
  });
}

describe('a countdown', () => {
  const model = modelOf(catalogueLot(1));

  it('says each mark once, when it is passed', () => {
    const seconds = [-3_100, -3_000, -2_000, -1, 0, 1, 540, 541, 570, 590, 591, 600, 601, 602];
    expect(said(seconds.map((second) => [second, model]))).toEqual([
      undefined,
      3_600,
      undefined,
      undefined,
      600,
      undefined,
      60,
      undefined,
      30,
      10,
      undefined,
      0,
      undefined,
      undefined,
    ]);
  });

  it('says only the last of the marks that a journey in time passed', () => {
    expect(
      said([
        [-3_100, model],
        [595, model],
      ]),
    ).toEqual([undefined, 10]);
    expect(
      said([
        [-3_100, model],
        [5_000, model],
      ]),
    ).toEqual([undefined, 0]);
  });

  it('says nothing about marks that were passed before the first look, but for the closing', () => {
    expect(said([[595, model]])).toEqual([undefined]);
    expect(said([[605, model]])).toEqual([0]);
  });

  it('says the marks again after the closing was moved', () => {
    const moved = modelOf(catalogueLot(1, { closesAt: at(900) }));
    expect(
      said([
        [500, model],
        [571, model],
        [572, moved],
        [840, moved],
        [870, moved],
      ]),
    ).toEqual([undefined, 30, undefined, 60, 30]);
  });

  it('says nothing about a lot that is closed', () => {
    const closed = modelOf(catalogueLot(1, { status: 'sold' }));
    expect(
      said([
        [500, model],
        [600, closed],
      ]),
    ).toEqual([undefined, undefined]);
  });
});
