import { createElement } from 'react';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Fact } from '../../../client/line/fact.ts';
import { frameOf } from '../../../client/screen/frame-of.ts';
import type { Size } from '../../../client/screen/screen-state.ts';
import { EMPTY_MODEL } from '../../../client/store/model.ts';
import { bid } from '../lots.ts';
import { bidFact, Evening, HELLO, heard, LOT_7, live, market, moment } from './evening.ts';

// Ink decides about colours when it is read.
vi.hoisted(() => {
  process.env['FORCE_COLOR'] = '1';
});

let renderToString: typeof import('ink').renderToString;
let FrameBox: typeof import('../../../client/view/screen.tsx').FrameBox;
beforeAll(async () => {
  ({ renderToString } = await import('ink'));
  ({ FrameBox } = await import('../../../client/view/screen.tsx'));
});

const SIZES: readonly Size[] = [
  { columns: 40, rows: 12 },
  { columns: 60, rows: 16 },
  { columns: 80, rows: 24 },
  { columns: 120, rows: 40 },
];
const LOST: Fact = {
  type: 'link-down',
  data: { reason: 'dms-unreachable', advice: 'Try again.', attempt: 2, nextTryInMs: 1_400 },
};

const SCENES: Readonly<Record<string, (size: Size) => Evening>> = {
  live,
  empty: (size) => new Evening(size).read(EMPTY_MODEL).told(HELLO),
  newcomer: (size) => {
    const camera = heard(market(), bid(405, 9, 8_000));
    return new Evening(size)
      .read(camera)
      .told(HELLO)
      .told(bidFact(9, 405, 8_000));
  },
  lost: (size) => {
    const evening = live(size).told(LOST).type('/bid 7 1');
    return evening.read(evening.state.model, { monotonic: 4_000 });
  },
  lot: (size) => live(size).press('enter'),
  help: (size) => live(size).type('?'),
  notices: (size) => live(size).type('n'),
  question: (size) => live(size).type('/bid 7 5000').press('enter'),
  bidding: (size) => {
    const evening = live(size).type('b').press('enter');
    const number = evening.state.count;
    evening.after(
      { type: 'progress', number, stage: { stage: 'signed', afterMs: 4 } },
      { type: 'progress', number, stage: { stage: 'stamped', afterMs: 42 } },
      { type: 'progress', number, stage: { stage: 'sealed', afterMs: 44 } },
      { type: 'progress', number, stage: { stage: 'sent', afterMs: 45 } },
    );
    return evening.read(evening.state.model, { monotonic: 1_400 });
  },
};

describe.each(Object.entries(SCENES))('the screen: %s', (name, scene) => {
  it.each(SIZES)('at $columns×$rows, as it is kept', async (size) => {
    const frame = frameOf(scene(size).state);
    const painted = renderToString(createElement(FrameBox, { frame }), { columns: size.columns });
    const file = `golden/${name}-${size.columns}x${size.rows}`;
    await expect(`${withoutColours(painted)}\n`).toMatchFileSnapshot(`${file}.txt`);
    await expect(`${readableColours(painted)}\n`).toMatchFileSnapshot(`${file}.colours.txt`);
  });
});

it('says by marks and words what it says by colours', () => {
  const text = live().text();
  expect(text).toMatch(/› .*Oak desk, 1920.*▼.*00:42 !.*outbid/);
  expect(text).toMatch(/Field camera.*★.*leading/);
  expect(moment().simulated && text.includes('SIM +3d')).toBe(true);
  expect(LOT_7).toBeDefined();
});

const SGR = new RegExp(`${String.fromCharCode(27)}\\[([\\d;]+)m`, 'g');
const NAMES: Readonly<Record<string, string>> = {
  1: 'bold',
  2: 'dim',
  7: 'inverse',
  30: 'black',
  31: 'red',
  32: 'green',
  33: 'yellow',
  36: 'cyan',
  37: 'white',
  41: 'on-red',
  43: 'on-yellow',
};

function withoutColours(painted: string): string {
  return trimmed(painted.replaceAll(SGR, ''));
}

/** `‹green›leading‹/›`: what ends something is one sign, whatever it ends. */
function readableColours(painted: string): string {
  return trimmed(
    painted.replaceAll(SGR, (_all, code: string) => `‹${NAMES[code] ?? '/'}›`).replaceAll(/(‹\/›)+/g, '‹/›'),
  );
}

function trimmed(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
