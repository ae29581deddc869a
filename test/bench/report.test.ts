import { describe, expect, it } from 'vitest';
import { against, compared, Figure, judged, Report } from '../../bench/report.ts';
import { formatReport } from '../../bench/table.ts';

const bare = { name: 'speed', value: 1_234.5, unit: '1/s', beside: { name: 'nothing', value: 2_000 }, ratio: 0.61725 };

describe('a figure', () => {
  it.each([
    [{ atLeast: 0.61725 }, '≥ 0.61725', true],
    [{ atLeast: 0.7 }, '≥ 0.7', false],
    [{ atMost: 0.61725 }, '≤ 0.61725', true],
    [{ atMost: 0.6 }, '≤ 0.6', false],
    [{ atMostMore: -765.5 }, '≤ -765.5 1/s more', true],
    [{ atMostMore: -765.6 }, '≤ -765.6 1/s more', false],
    [{}, 'stated', null],
  ])('with %j has the target %s, which holds: %j', (target, text, holds) => {
    expect(judged(bare, target)).toEqual({ ...bare, target: text, holds });
  });

  it('stands beside its yardstick', () => {
    expect(against({ name: 'speed', value: 1_234.5, unit: '1/s' }, 'nothing', 2_000)).toEqual(bare);
  });

  it('compares neighbours in time, not the medians of a machine that was faster later', () => {
    const figure = compared({
      name: 'speed',
      unit: '1/s',
      values: [50, 120, 90],
      yardstick: 'nothing',
      besides: [100, 200, 100],
    });
    expect(figure).toMatchObject({ value: 90, beside: { name: 'nothing', value: 100 }, ratio: 0.6 });
    expect(figure.note).toBe('3 rounds, ratio 0.50 to 0.90');
  });

  it('does not hold when a measurement is missing', () => {
    const none = compared({ name: 'x', unit: 's', values: [Number.NaN], yardstick: 'nothing', besides: [1] });
    expect(judged(none, { atLeast: 0 }).holds).toBe(false);
  });
});

const report: Report = {
  machine: { cores: 4, node: 'v24.0.0' },
  figures: [
    judged({ ...bare, note: 'three rounds' }, { atLeast: 0.7 }),
    judged({ ...bare, name: 'spread-of-it', value: 0.012345, ratio: 0.5 }, { atMost: 0.6 }),
    judged({ ...bare, name: 'more' }),
  ],
};

describe('the report', () => {
  it('has the form that it says', () => {
    expect(Report.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
    const [figure] = report.figures;
    for (const missing of ['name', 'value', 'unit', 'beside', 'ratio', 'target', 'holds']) {
      expect(Figure.safeParse({ ...figure, [missing]: undefined }).success).toBe(false);
    }
  });

  it('is a table for people, with the notes below', () => {
    expect(formatReport(report)).toBe(`4 cores, Node v24.0.0

figure        value   unit  beside   its value  ratio  target  holds
speed         1235    1/s   nothing  2000       0.617  ≥ 0.7   NO
spread-of-it  0.0123  1/s   nothing  2000       0.500  ≤ 0.6   yes
more          1235    1/s   nothing  2000       0.617  stated

speed: three rounds
`);
  });
});
