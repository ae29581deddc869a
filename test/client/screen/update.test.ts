import { describe, expect, it } from 'vitest';
import type { Fact } from '../../../client/line/fact.ts';
import type { Model } from '../../../client/store/model.ts';
import { update as updateModel } from '../../../client/store/update.ts';
import type { Amount, Position } from '../../../shared/wire/vocabulary.ts';
import { bid, lotId } from '../lots.ts';
import { acceptedFact, bidFact, Evening, HELLO, heard, LOT_7, live, market, owned } from './evening.ts';

const DOWN: Fact = {
  type: 'link-down',
  data: { reason: 'dms-unreachable', advice: '', attempt: 1, nextTryInMs: 0 },
};
const leading: Model = owned(heard(market(), bid(409, 7, 12_000)), 7, 409, 12_000);

describe('keys, while nothing is typed', () => {
  it.each([
    ['j', (evening: Evening) => evening.state.selected, lotId(9)],
    ['jk', (evening: Evening) => evening.state.selected, lotId(7)],
    ['jjjj', (evening: Evening) => evening.state.selected, lotId(12)],
    ['b', (evening: Evening) => evening.state.prompt.text, '/bid 7 130.00'],
    ['s', (evening: Evening) => evening.state.sort, 'number'],
    ['ssss', (evening: Evening) => evening.state.sort, 'time left'],
    ['f', (evening: Evening) => evening.state.filter, 'open'],
    ['?', (evening: Evening) => evening.state.pane?.kind, 'help'],
    ['n', (evening: Evening) => evening.state.pane?.kind, 'notices'],
    ['l', (evening: Evening) => evening.state.pane, { kind: 'lot', lot: LOT_7, scroll: 0 }],
    ['/b', (evening: Evening) => evening.state.prompt.text, '/b'],
    ['/qs', (evening: Evening) => evening.state.prompt.text, '/qs'],
    ['q', (evening: Evening) => evening.effects.at(-1), { type: 'quit' }],
  ])('%s', (keys, look, expected) => {
    expect(look(live().type(keys))).toEqual(expected);
  });

  it('several at once, as a terminal hands them over', () => {
    const evening = live().after({ type: 'key', key: { name: 'text', text: 'jb' } });
    expect(evening.state.selected).toBe(lotId(7));
    expect(evening.state.prompt.text).toBe('/bid 7 130.00');
  });

  it('are none of ours when they are pasted', () => {
    const evening = live().after({ type: 'key', key: { name: 'text', text: 'q', pasted: true } });
    expect(evening.state.prompt.text).toBe('q');
    expect(evening.effects).not.toContainEqual({ type: 'quit' });
  });

  it('follow the lot, not the row, when the order changes', () => {
    expect(live().type('jss').state.selected).toBe(lotId(9));
  });
});

describe('the tips for newcomers', () => {
  const foreign = heard(market(), bid(409, 7, 12_000));
  const ours = [{ position: 300 as Position, amount: 9_000 as Amount }];
  it.each([
    ['are there while others bid', foreign, true],
    ['are gone after the first bid of ours', owned(foreign, 7, 409, 12_000), false],
    ['are gone where we bid in an earlier run', { ...foreign, earlierBids: new Map([[lotId(1), ours]]) }, false],
    ['are gone where we offer a lot', updateModel(foreign, { type: 'my-lots', lots: [LOT_7] }), false],
  ])('%s', (_what, model, expected) => {
    const text = new Evening().read(model).told(HELLO).text();
    expect(text.includes('/list "Oak desk" 100.00 +10m')).toBe(expected);
  });
});

describe('what is typed', () => {
  it('goes as a command once, and Ctrl+C takes it back before', () => {
    const evening = live().type('/allitems').press('enter');
    expect(evening.effects.filter(({ type }) => type === 'perform')).toHaveLength(1);
    const back = live()
      .type('/bid 7')
      .after({ type: 'key', key: { name: 'chord', key: 'c', ctrl: true } });
    expect(back.state.prompt.text).toBe('');
    expect(back.effects.some(({ type }) => type === 'quit')).toBe(false);
    back.after({ type: 'key', key: { name: 'chord', key: 'c', ctrl: true } });
    expect(back.effects.at(-1)).toEqual({ type: 'quit', interrupted: true });
  });

  it.each([
    ['/bif 7 1', /did you mean \/bid/],
    ['hello', /begins with \//],
    ['/bid 7 130 now', /takes fewer words/],
  ])('%s is complained about, and nothing is sent', (line, complaint) => {
    const evening = live()
      .after({ type: 'key', key: { name: 'text', text: line } })
      .press('enter');
    expect(evening.state.flash?.text).toMatch(complaint);
    expect(evening.effects.some(({ type }) => type === 'perform')).toBe(false);
  });

  it('is asked about where a bid jumps, and sent with a yes alone', () => {
    const asked = live().type('/bid 7 5000').press('enter');
    expect(asked.state.question?.code).toBe('jump-bid');
    expect(asked.effects.some(({ type }) => type === 'perform')).toBe(false);
    const no = live().type('/bid 7 5000').press('enter').type('n');
    expect([no.state.question, no.state.prompt.text]).toEqual([undefined, '/bid 7 5000']);
    asked.type('xy');
    expect(asked.effects.filter(({ type }) => type === 'perform')).toMatchObject([
      { intent: { name: 'bid', amount: '5000', yes: true } },
    ]);
  });

  it('says once who learns what of a first bid', () => {
    const evening = new Evening().read(market()).told(HELLO).type('/bid 7 100').press('enter');
    expect(evening.state.question?.code).toBe('first-bid');
    evening.type('y').type('/bid 7 105').press('enter');
    expect(evening.state.question).toBeUndefined();
    expect(evening.effects.filter(({ type }) => type === 'perform')).toHaveLength(2);
  });
});

describe('notices', () => {
  const begin = () => new Evening().read(market()).told(HELLO).read(leading);

  it('tell of being outbid, once, with a bell', () => {
    const outbid = heard(leading, bid(410, 7, 12_500));
    const evening = begin()
      .read(outbid)
      .read(heard(outbid, bid(411, 7, 13_000)));
    expect(evening.state.notices.map(({ kind }) => kind)).toEqual(['outbid']);
    expect(evening.effects.filter(({ type }) => type === 'alert')).toHaveLength(1);
    expect(evening.text()).toContain('Outbid on #7: 130.00 € now, b answers');
  });

  it('do not take our own higher bid for somebody else’s while its answer is on the way', () => {
    const evening = begin().type('/bid 7 130').press('enter');
    const number = evening.state.count;
    const announced = heard(leading, bid(410, 7, 13_000));
    evening.read(announced).told(bidFact(7, 410, 13_000));
    expect(evening.state.notices).toEqual([]);
    evening.read(owned(announced, 7, 410, 13_000));
    evening.after({ type: 'answered', number, fact: acceptedFact(7, 410, 13_000) });
    expect(evening.state.notices).toEqual([]);
    expect(evening.text()).toContain('you bid 130.00 € on #7');
    expect(evening.text()).not.toContain('someone bid 130.00');
  });

  it('tell of it after all when the answer is no', () => {
    const evening = begin().type('/bid 7 125').press('enter');
    const number = evening.state.count;
    evening.read(heard(leading, bid(410, 7, 12_500)));
    expect(evening.state.notices).toEqual([]);
    const rejected: Fact = {
      type: 'rejected',
      data: { command: 'bid', commandId: 'c', reason: 'bid-below-increment', advice: 'Bid more.' },
    };
    evening.after({ type: 'answered', number, fact: rejected });
    expect(evening.state.notices.map(({ kind }) => kind)).toEqual(['outbid']);
  });

  it('tell of an end that is near only where we take part', () => {
    const ending = (n: number): Fact => ({
      type: 'closing',
      data: { lot: lotId(n), number: n, title: 'x', currency: 'EUR', closesAt: 0, leftMs: 30_000 },
    });
    expect(begin().told(ending(12)).state.notices).toEqual([]);
    expect(
      begin()
        .told(ending(7))
        .state.notices.map(({ kind }) => kind),
    ).toEqual(['ending']);
  });
});

describe('what happened', () => {
  it('says of an announcement whose proof fails that it is not proven', () => {
    const evening = live().after({ type: 'proof', position: 410 as Position, proof: 'failed' });
    expect(evening.text()).toContain('someone bid 125.00 € on #7: NOT PROVEN');
    expect(evening.text()).toContain('proof failed');
  });

  it('keeps the receipt of a command of ours whatever the proof says later', () => {
    const evening = live().after({ type: 'proof', position: 409 as Position, proof: 'verified' });
    expect(evening.text()).toMatch(/you bid 120\.00 € on #7 +position 409, receipt verified/);
  });
});

describe('a lot', () => {
  it('shows the bids from before we listened, and opens nothing again that was closed', () => {
    const evening = live().type('l').press('escape');
    const effect = evening.effects.find(({ type }) => type === 'perform');
    const number = effect?.type === 'perform' ? effect.number : 0;
    const about = { lot: LOT_7, number: 7, title: 'Oak desk', currency: 'EUR', startingPrice: 10_000, increment: 500 };
    const lot = { ...about, listedAt: 0, closesAt: 0, bids: 7, status: 'open', standing: 'outbid' } as const;
    const history = [{ amount: 9_500, position: 300, placedAt: 0, mine: false }];
    const data = { of: 'lot', position: 420, lot, watched: false, ownBids: [], history, isWhole: true } as const;
    evening.after({ type: 'answered', number, fact: { type: 'snapshot', data } });
    expect(evening.state.pane).toBeUndefined();
    expect(
      evening
        .type('l')
        .press('end')
        .after(...PAGES)
        .text(),
    ).toMatch(/95\.00 € {2}someone {3}position 300/);
  });
});

const PAGES = Array.from({ length: 3 }, () => ({ type: 'key', key: { name: 'page-down' } }) as const);

describe('the connection', () => {
  it('is told as lost at once, with the age of what is shown, and told when it is back', () => {
    const evening = live().told(DOWN);
    expect(evening.rows()[1]).toContain('CONNECTION LOST   data is 0s old   attempt 1 now');
    evening.told({ type: 'link-down', data: { ...DOWN.data, attempt: 2, nextTryInMs: 2_000 } });
    evening.read(evening.state.model, { monotonic: 2_000 });
    expect(evening.rows()[1]).toContain('data is 1s old   attempt 2 in 1 s');
    evening.told({ type: 'link-up', data: { attempt: 3, position: 420 } });
    expect(evening.text()).not.toContain('CONNECTION LOST');
    expect(evening.text()).toContain('connected again, everything told up to position 420');
  });
});

describe('progress', () => {
  const bidding = (monotonic: number) => {
    const evening = live().type('b').press('enter');
    const number = evening.state.count;
    const stages = [
      ['signed', 4],
      ['stamped', 42],
      ['sealed', 44],
      ['sent', 45],
    ] as const;
    for (const [stage, afterMs] of stages) evening.after({ type: 'progress', number, stage: { stage, afterMs } });
    return evening.read(evening.state.model, { monotonic }).rows().at(-1) ?? '';
  };

  it.each([
    [1_050, /b bid/],
    [1_400, /^ {2}signed ✓ · timestamp ✓ 38 ms · sealed ✓ · waiting for the answer$/],
    [2_100, /^ {2}[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] signed ✓/],
  ])('%i ms', (monotonic, expected) => {
    expect(bidding(monotonic)).toMatch(expected);
  });
});

it('is exactly as large as the terminal, whatever its size, and never wider', () => {
  for (let columns = 1; columns <= 130; columns += 7) {
    for (let rows = 1; rows <= 50; rows += 3) {
      const lines = live({ columns, rows }).told(DOWN).type('/').rows();
      expect(lines).toHaveLength(rows);
      expect(Math.max(...lines.map((line) => [...line].length))).toBeLessThanOrEqual(columns);
    }
  }
});

it('paints nothing that others wrote but what can be printed', () => {
  const hostile = `${String.fromCharCode(27)}]0;owned\u0007\u202E\r\n\u009B2Jx`;
  const model = market();
  const lot = model.lots.get(LOT_7)!;
  const person = { iss: 'i', lot: LOT_7, role: 'seller', subject: 's', username: hostile, contact: hostile } as const;
  const lied: Model = {
    ...model,
    lots: new Map(model.lots).set(LOT_7, {
      ...lot,
      terms: { ...lot.terms, title: hostile, description: hostile },
      role: 'winner',
      counterparty: { ...person, issuedAt: 0 } as never,
    }),
  };
  const about = { lot: LOT_7, number: 7, title: hostile, currency: 'EUR' };
  const sale: Fact = {
    type: 'disclosed',
    data: { ...about, role: 'winner', outcome: 'sold', hammerPrice: 100, counterparty: person },
  };
  const evening = new Evening().read(lied).told(HELLO).told(sale);
  const pictures = [evening.text(), evening.type('l').text(), evening.press('escape').type('n').text()];
  for (const picture of pictures) expect(picture.replaceAll('\n', '')).not.toMatch(/\p{C}/u);
  for (const effect of evening.effects) if (effect.type === 'alert') expect(effect.text).not.toMatch(/\p{C}/u);
});
