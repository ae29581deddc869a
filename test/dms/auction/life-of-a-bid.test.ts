/** The life of a lot as tables. The language is explained in life-table.ts; the grace is 3 000 ms. */
import { describe, expect, it } from 'vitest';
import { linesOf, played } from './life-table.ts';

const lives: Record<string, string> = {
  'bids in order, then the hammer': `
    lot from 100 step 10 closes 10000
    ann    99 at  1000 #2 received  1010 -> bid-below-starting-price
    ann   100 at  1100 #3 received  1110 -> leads
    bob   109 at  1200 #4 received  1210 -> bid-below-increment
    bob   110 at  1300 #5 received  1310 -> leads
    close     at 12999                   -> not-due
    close     at 13000                   -> sold to bob for 110
    cy    500 at  9999 #6 received 13001 -> lot-closed
    close     at 13001                   -> lot-closed`,

  'nobody bids': `
    lot from 100 step 10 closes 10000
    seller 100 at  1000 #2 received  1010 -> bidder-is-seller
    close      at 13000                   -> unsold`,

  'a tie goes to the earlier stamp, whichever arrives first': `
    lot from 100 step 10 closes 10000
    ann   100 at  2000 #20 received  2010 -> leads
    bob   100 at  2000 #21 received  2020 -> tie-lost
    cy    100 at  2001 #19 received  2030 -> tie-lost
    dee   100 at  2000 #18 received  2040 -> leads
    eve   100 at  1999 #30 received  2050 -> leads
    ann   100 at  2000 #20 received  2060 -> tie-lost
    close     at 13000                    -> sold to eve for 100`,

  'a tie with an amount that was beaten since is too low': `
    lot from 100 step 10 closes 10000
    ann   100 at  2000 #20 received  2010 -> leads
    bob   110 at  2100 #21 received  2110 -> leads
    cy    100 at  1000 #19 received  2210 -> bid-below-increment`,

  'one may bid over oneself, but not tie with oneself later': `
    lot from 100 step 10 closes 10000
    ann   100 at  2000 #20 received  2010 -> leads
    ann   100 at  2001 #21 received  2011 -> tie-lost
    ann   105 at  2002 #22 received  2012 -> bid-below-increment
    ann   110 at  2003 #23 received  2013 -> leads`,

  'stamped in time but late on the way: accepted until the end of the grace, stamped late: never': `
    lot from 100 step 10 closes 10000
    ann   100 at  9000 #20 received  9999 -> leads
    bob   110 at  9999 #21 received 12999 -> withheld
    cy    500 at 10000 #22 received 10000 -> timestamp-after-closing
    close     at 13000                    -> sold to bob for 110 telling bob 110`,

  'bids held back for the grace learn nothing: each is compared with what was told': `
    lot from 100 step 10 closes 10000
    ann   100 at  5000 #20 received  5010 -> leads
    bob   200 at  9900 #21 received 10000 -> withheld
    cy    109 at  9901 #22 received 10001 -> bid-below-increment
    cy    110 at  9902 #23 received 10002 -> withheld
    cy    200 at  9903 #24 received 10003 -> withheld
    cy    195 at  9904 #25 received 10004 -> withheld
    dee   200 at  9800 #19 received 10005 -> withheld
    close     at 13000                    -> sold to dee for 200 telling bob 200, cy 110, cy 200, cy 195, dee 200`,

  'a withheld tie with the announced leader': `
    lot from 100 step 10 closes 10000
    ann   100 at  9500 #20 received  9510 -> leads
    bob   100 at  9501 #21 received 10000 -> tie-lost
    cy    100 at  9400 #19 received 10001 -> withheld
    dee   100 at  9450 #22 received 10002 -> withheld
    close     at 13000                    -> sold to cy for 100 telling cy 100, dee 100`,

  'the first bids of a lot arrive in the grace': `
    lot from 100 step 10 closes 10000
    ann   150 at  9000 #20 received 10500 -> withheld
    bob   100 at  9100 #21 received 10600 -> withheld
    cy     99 at  9200 #22 received 10700 -> bid-below-starting-price
    close     at 13000                    -> sold to ann for 150 telling ann 150, bob 100`,

  'soft closing: a bid in the window moves the closing, never back, never beyond the end': `
    lot from 100 step 10 closes 10000 window 1000 by 800 until 11000
    ann   100 at  8999 #20 received  9010 -> leads
    bob   110 at  9000 #21 received  9010 -> leads
    cy    120 at  9500 #22 received  9510 -> leads closing 10300
    dee   130 at  9400 #23 received  9520 -> leads
    ann   140 at 10299 #24 received 10300 -> leads closing 11000
    bob   150 at 10999 #25 received 11000 -> withheld
    close     at 13999                    -> not-due
    close     at 14000                    -> sold to bob for 150 telling bob 150`,

  'a bid in the grace that moves the closing reopens the lot, and everything withheld is told': `
    lot from 100 step 10 closes 10000 window 1000 by 2000 until 20000
    ann   100 at  5000 #20 received  5010 -> leads
    bob   200 at  7990 #21 received 10000 -> withheld
    cy    120 at  7995 #22 received 10100 -> withheld
    dee   110 at  9000 #23 received 10500 -> stands telling bob 200, cy 120 closing 11000
    eve   205 at 10400 #24 received 10600 -> bid-below-increment
    eve   210 at 10500 #25 received 10700 -> leads closing 12500
    close     at 15500                    -> sold to eve for 210`,

  'the grace follows a closing that a withheld bid has moved, though nobody was told': `
    lot from 100 step 10 closes 10000 window 1000 by 1000 until 20000
    ann   100 at  9100 #20 received 10100 -> withheld closing 10100
    close     at 13000                    -> not-due
    close     at 13099                    -> not-due
    close     at 13100                    -> sold to ann for 100 telling ann 100`,

  'a bid in the grace may move the closing and still be too late to reopen': `
    lot from 100 step 10 closes 10000 window 1000 by 1000 until 20000
    ann   100 at  9100 #20 received 10100 -> withheld closing 10100
    bob   110 at 10050 #21 received 11050 -> withheld closing 11050
    cy    100 at 10950 #22 received 11900 -> stands telling ann 100, bob 110 closing 11950
    close     at 14949                    -> not-due
    close     at 14950                    -> sold to bob for 110`,
};

describe('the life of a bid', () => {
  it.each(Object.entries(lives))('%s', (_name, table) => {
    expect(played(table)).toEqual(linesOf(table));
  });

  it('has no line that is skipped', () => {
    expect(() => played('lot from 100 step 10 closes 10000\nann bids 100')).toThrow('not a line of a life table');
  });
});
