import { describe, expect, it } from 'vitest';
import { acceptedFact, type Evening, live } from './evening.ts';

const CTRL_C = { type: 'key', key: { name: 'chord', key: 'c', ctrl: true } } as const;
const quits = ({ effects }: Evening) => effects.filter(({ type }) => type === 'quit').length;
const sent = (line: string) => live().type(line).press('enter');

describe('leaving', () => {
  it.each([
    ['q', (evening: Evening) => evening.type('q')],
    ['Ctrl+C', (evening: Evening) => evening.after(CTRL_C)],
    ['/quit', (evening: Evening) => evening.type('/quit').press('enter')],
  ])('by %s takes a second word while a bid is not answered', (_what, leave) => {
    const evening = leave(sent('/bid 7 130'));
    expect(quits(evening)).toBe(0);
    expect(evening.text()).toContain('Not answered yet: what you sent may count.');
    expect(quits(leave(evening))).toBe(1);
  });

  it('takes one word once the answer is there, and asks again for the next bid', () => {
    const evening = sent('/bid 7 130').type('q');
    evening.after({ type: 'answered', number: evening.state.count, fact: acceptedFact(7, 411, 13_000) });
    expect(quits(sent('/bid 7 130').type('q').type('/bid 7 135').press('enter').type('q'))).toBe(0);
    expect(quits(evening.type('q'))).toBe(1);
  });

  it.each(['/allitems', '/verify'])('takes one word while %s is not answered: nothing of it can be lost', (line) => {
    expect(quits(sent(line).type('q'))).toBe(1);
  });
});

describe('a pane', () => {
  const scrollOf = ({ state }: Evening) => state.pane?.scroll;

  it('is scrolled to its ends and no further', () => {
    const evening = live().type('?').press('end');
    const last = scrollOf(evening);
    expect(last).toBeGreaterThan(0);
    expect(scrollOf(evening.press('page-down'))).toBe(last);
    expect(scrollOf(evening.press('up'))).toBe((last ?? 0) - 1);
    expect(scrollOf(evening.press('home').press('page-up'))).toBe(0);
    expect(evening.state.selected).toBe(live().state.selected);
  });

  it('that is shown as a whole does not move', () => {
    expect(scrollOf(live({ columns: 80, rows: 60 }).type('?').press('page-down'))).toBe(0);
  });
});
