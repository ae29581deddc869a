import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AuctionClient } from '../../client/auction-client.ts';
import type { Amount } from '../../shared/wire/vocabulary.ts';
import { RunningHouse } from '../support/running-house.ts';
import { openScreen, type ScreenClientOptions } from '../support/screen-client.ts';
import type { TestTerminal } from '../support/terminal.ts';
import { until } from '../support/until.ts';

let house: RunningHouse;
let ben: AuctionClient;
beforeAll(async () => {
  house = await RunningHouse.start();
  ben = await house.enrolled('ben', { contact: 'ben@mail.example' });
});
afterAll(() => house.close());

const open: TestTerminal[] = [];
afterEach(async () => {
  for (const terminal of open.splice(0)) await terminal.close();
});

async function screenOf(name: string, options?: ScreenClientOptions): Promise<TestTerminal> {
  const terminal = await openScreen(house, name, options);
  open.push(terminal);
  await terminal.shows('● live');
  return terminal;
}

/** Types a line and sends it. */
function say(terminal: TestTerminal, line: string): void {
  terminal.type(`${line}\r`);
}

describe('an evening at the screen', { timeout: 120_000 }, () => {
  it('lists, bids, is outbid, answers, wins, meets the seller, and leaves the terminal as it was', async () => {
    const ann = await screenOf('ann');
    expect(ann.screen).toBe('alternate');
    expect(ann.text()).toContain('/list "Oak desk" 100.00 +10m');

    say(ann, '/list "Oak desk" 100.00 +10m');
    await ann.shows(/you offer #\d+ Oak desk .*receipt verified/);
    await ann.shows('yours');

    const camera = await ben.list(house.terms({ title: 'Field camera', startingPrice: 8_000, increment: 100 }));
    expect(camera.outcome).toBe('accepted');
    const number = camera.outcome === 'accepted' ? camera.number : 0;
    await ann.shows('Field camera');

    say(ann, `/bid ${number} 80.00`);
    // Once per home somebody reads who learns what, and when.
    await ann.shows('y yes');
    ann.type('y');
    await ann.shows(/you bid 80\.00 € on #\d+ .*receipt verified/);
    await ann.shows('leading');

    const cleo = await house.enrolled('cleo');
    await cleo.bid({ lot: number, amount: 9_000 as Amount });
    await ann.shows(/Outbid on #\d+: 90\.00 € now, b answers\. Field camera/);
    await ann.shows('▼');
    await until('the bell', () => ann.bells > 0);
    expect(ann.notifications.join()).toContain('Outbid');

    ann.type('b');
    await ann.shows(`> /bid ${number} 91.00`);
    ann.type('\r');
    await ann.shows(/you bid 91\.00 € on #\d+ .*receipt verified/);
    await ann.shows('leading');

    await house.travelTo(house.now() + 120_000);
    // That it was won is said below the table until the next notice comes, which may be at once; the list keeps both.
    await ann.shows('ben@mail.example');
    ann.type('n');
    await ann.shows(/Notices[\s\S]*ben@mail\.example[\s\S]*You won/);

    ann.type('\u001B');
    await ann.shows('LOT');
    ann.type('q');
    expect(await ann.exit()).toBe(0);
    expect(ann.screen).toBe('normal');
    expect(ann.rows()[0]).toBe('$ gavel client');
  });
});
