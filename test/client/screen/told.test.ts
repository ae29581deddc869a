import { describe, expect, it } from 'vitest';
import type { Fact } from '../../../client/line/fact.ts';
import { lotId } from '../lots.ts';
import { Evening, HELLO, live, market } from './evening.ts';

const about = { lot: lotId(7), number: 7, title: 'Oak desk', currency: 'EUR' };

describe('a session that ends for want of papers', () => {
  const renewing: Fact = {
    type: 'link-down',
    data: { reason: 'token-expired', advice: '', attempt: 1, nextTryInMs: 0, renewing: true },
  };

  it('is no loss of the connection', () => {
    const evening = live().told(renewing);
    expect(evening.rows()[0]).toContain('◌ renewing');
    expect(evening.text()).not.toMatch(/LOST|lost/);
    evening.told({ type: 'link-up', data: { attempt: 1, position: 420 } });
    expect(evening.rows()[0]).toContain('● live');
    expect(evening.text()).not.toContain('connected again');
  });

  it('is one as soon as the first attempt fails', () => {
    const evening = live().told(renewing);
    evening.told({
      type: 'link-down',
      data: { reason: 'dms-unreachable', advice: '', attempt: 2, nextTryInMs: 2_000 },
    });
    expect(evening.text()).toContain('CONNECTION LOST');
    expect(evening.text()).toContain('connection lost (dms-unreachable)');
  });
});

it.each([
  ['winner', 'list', 7, '#7 the signed listing of the seller is opened to you, and kept'],
  ['seller', 'bid', 410, '#7 the signed bid of the winner is opened to you, and kept'],
] as const)(
  'tells the %s quietly what was opened, and leaves the line of its record',
  (role, command, position, says) => {
    const evening = live({ columns: 120, rows: 24 });
    const before = evening.state.events.length;
    evening.told({ type: 'opened', data: { ...about, role, command, position, amount: 12_500 } });
    expect(evening.state.events).toHaveLength(before + 1);
    expect(evening.text()).toContain(says);
    expect(evening.state.notices).toHaveLength(live().state.notices.length);
  },
);

describe('an audit', () => {
  it('says how far it has come', () => {
    const evening = new Evening().read(market()).told(HELLO).type('/verify').press('enter');
    const number = evening.state.count;
    evening.read(evening.state.model, { monotonic: 1_500 });
    expect(evening.rows().at(-1)).toBe('  reading the journal');
    evening.after({ type: 'audited', number, records: 4_200 });
    expect(evening.rows().at(-1)).toBe('  4200 records read');
  });
});
