import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adviceForComplaint, type ClientErrorCode } from '../../../client/client-error.ts';
import { parseInputLine } from '../../../client/commands/input-line.ts';
import { complete } from '../../../client/prompt/complete.ts';
import { drawPrompt } from '../../../client/prompt/draw-prompt.ts';
import { cellsOf, graphemesOf } from '../../../client/prompt/graphemes.ts';
import type { KeyPress } from '../../../client/prompt/key-press.ts';
import { EMPTY_PROMPT, type Prompt, press, promptOf } from '../../../client/prompt/prompt.ts';
import { MAX_AMOUNT } from '../../../shared/wire/limits.ts';
import type { Amount } from '../../../shared/wire/vocabulary.ts';
import { keyPresses } from './keys.ts';
import { lotOf, NOW, worldOf } from './world.ts';

const DESK = lotOf(7, { title: 'Oak desk, 1920', leading: { amount: 12_500 as Amount }, bids: 3 });
const CAMERA = lotOf(9, { title: 'Field camera' });
const MINE = lotOf(12, { title: 'Atlas', mine: true });
const SOLD = lotOf(3, { title: 'Old clock', status: 'sold' });
const WORLD = worldOf(DESK, CAMERA, MINE, SOLD);

const key = (name: 'up' | 'down' | 'enter' | 'tab' | 'escape'): KeyPress => ({ name });
const typed = (text: string): KeyPress => ({ name: 'text', text });

function pressAll(prompt: Prompt, ...keys: readonly KeyPress[]) {
  let last: ReturnType<typeof press> = { prompt };
  for (const one of keys) last = press(last.prompt, one, WORLD);
  return last;
}

const labels = (text: string, cursor = text.length) => complete(text, cursor, WORLD).choices.map(({ label }) => label);

describe('what is offered', () => {
  it.each<[string, string[]]>([
    ['/bi', ['/bid', '/mybids']],
    ['/settm', ['/settime', '/resettime']],
    ['/zzz', []],
    ['bid', []],
    ['/bid ', ['7', '9']],
    ['/bid cam', ['9']],
    ['/bid #7', ['7']],
    ['/bid 7 ', ['130.00 €', '135.00 €', '140.00 €']],
    ['/bid 7 13', ['130.00 €', '135.00 €']],
    ['/bid 9 ', ['100.00 €', '105.00 €', '110.00 €']],
    ['/bid 3 ', []],
    ['/bid 12 ', []],
    ['/bid 99 ', []],
    ['/bid 7 130 --', ['--yes', '--repeat ID']],
    ['/bid 7 130 --yes ', []],
    ['/bid --repeat ', []],
    ['/bid --repeat x 7 ', ['130.00 €', '135.00 €', '140.00 €']],
    ['/bid --repeat --repeat 7 ', ['130.00 €', '135.00 €', '140.00 €']],
    ['/lot ', ['7', '9', '12', '3']],
    ['/list "Oak desk" 100 ', ['+10m', '+1h', '+1d', 'tomorrow 18:00']],
    ['/list "Oak desk" 100 tomorrow 1', ['tomorrow 18:00']],
    ['/list "Oak de', []],
    ['/list "Oak desk" 100 --inc', ['--increment AMOUNT']],
    ['/settime ', ['+10m', '+1h', '+1d', 'tomorrow 18:00']],
    ['/help li', ['list', 'allitems']],
    ['/quit ', []],
  ])('%s', (text, expected) => {
    expect(labels(text)).toEqual(expected);
  });

  it('offers first what is watched, and then what closes first', () => {
    const watched = new Set([MINE.lot]);
    const { choices } = complete('/lot ', 5, { ...WORLD, watched });
    expect(choices.map(({ label }) => label)).toEqual(['12', '7', '9', '3']);
  });

  it('cuts a long title, so that the price and the time left are seen', () => {
    const [choice] = complete('/lot ', 5, worldOf(lotOf(1, { title: '日本'.repeat(60) }))).choices;
    const [title = '', ...rest] = choice?.help.split(' · ') ?? [];
    expect(cellsOf(title)).toBeLessThanOrEqual(30);
    expect(rest).toEqual(['100.00 €', '10 min']);
  });

  it('offers no amount that is too large to send', () => {
    const leading = { amount: (MAX_AMOUNT - 600) as Amount };
    const { choices } = complete('/bid 7 ', 7, worldOf(lotOf(7, { leading })));
    expect(choices.map(({ text }) => text)).toEqual(['9999999999.00']);
  });

  it('shows titles as one line that can not paint', () => {
    const world = worldOf(lotOf(1, { title: 'evil\u001b[2J\u202e\n"' }));
    const [choice] = complete('/lot ', 5, world).choices;
    expect(choice?.help).not.toMatch(/[\p{Cc}\u202e]/u);
  });

  it('offers only what can be sent', () => {
    for (const text of ['/bid 7 ', '/list "Oak desk" 100 ', '/settime ', '/lot ', '/help ', '/watch ', '/verify ']) {
      for (const choice of complete(text, text.length, WORLD).choices) {
        expect(() => parseInputLine(text + choice.text).parse(NOW)).not.toThrow();
      }
    }
  });
});

describe('the menu', () => {
  it('is undone like any other change', () => {
    const taken = pressAll(EMPTY_PROMPT, typed('/b'), key('tab')).prompt;
    expect(pressAll(taken, { name: 'chord', key: '_', ctrl: true }).prompt.text).toBe('/b');
  });

  it('takes the first command with Tab, and asks for more', () => {
    expect(pressAll(EMPTY_PROMPT, typed('/b'), key('tab')).prompt).toMatchObject({ text: '/bid ', cursor: 5 });
  });

  it('takes the whole way to a bid with Tab alone', () => {
    const keys = [typed('/b'), key('tab'), key('tab'), key('tab')];
    const { prompt } = pressAll(EMPTY_PROMPT, ...keys);
    expect(prompt.text).toBe('/bid 7 130.00');
    expect(pressAll(prompt, key('enter')).submitted).toBe('/bid 7 130.00');
  });

  it('goes down and up, around its ends', () => {
    const down = pressAll(promptOf('/bid 7 '), key('down'));
    expect(down.prompt.chosen).toBe(0);
    expect(pressAll(down.prompt, key('up')).prompt.chosen).toBe(2);
    expect(pressAll(promptOf('/bi'), key('down')).prompt.chosen).toBe(1);
    expect(pressAll(promptOf('/bi'), key('down'), key('down')).prompt.chosen).toBe(0);
  });

  it('takes with Enter what somebody went to, and sends it with the next', () => {
    const taken = pressAll(promptOf('/bid 7 '), key('down'), key('down'), key('enter'));
    expect(taken).toMatchObject({ prompt: { text: '/bid 7 135.00' } });
    expect(taken.submitted).toBeUndefined();
    expect(pressAll(taken.prompt, key('enter')).submitted).toBe('/bid 7 135.00');
  });

  it('sends half a command that needs no words as the whole one', () => {
    expect(pressAll(EMPTY_PROMPT, typed('/alli'), key('enter')).submitted).toBe('/allitems');
    expect(pressAll(EMPTY_PROMPT, typed('/li'), key('enter')).prompt.text).toBe('/list ');
  });

  it('does not get in the way of what is typed out', () => {
    expect(pressAll(EMPTY_PROMPT, typed('/bid 7 13'), key('enter')).submitted).toBe('/bid 7 13');
    expect(pressAll(EMPTY_PROMPT, typed('/watch'), key('enter')).submitted).toBe('/watch');
  });

  it('closes with Escape, stays closed until the line changes, and then the line goes', () => {
    const closed = pressAll(promptOf('/bid '), key('escape'));
    expect(drawPrompt(closed.prompt, WORLD, 80).menu).toEqual([]);
    expect(closed.prompt.text).toBe('/bid ');
    const moved = pressAll(closed.prompt, { name: 'left' }, { name: 'right' });
    expect(drawPrompt(moved.prompt, WORLD, 80).menu).toEqual([]);
    expect(drawPrompt(pressAll(closed.prompt, typed('7')).prompt, WORLD, 80).menu).toEqual([]);
    expect(drawPrompt(pressAll(closed.prompt, { name: 'backspace' }).prompt, WORLD, 80).menu).not.toEqual([]);
    expect(pressAll(closed.prompt, key('escape'))).toMatchObject({ prompt: { text: '' } });
    expect(pressAll(EMPTY_PROMPT, key('escape')).unused).toBe(true);
  });

  it('completes in the middle of a line, and keeps what is behind', () => {
    const middle = { ...promptOf('/b 7 130'), cursor: 2 };
    expect(pressAll(middle, key('tab')).prompt).toMatchObject({ text: '/bid 7 130', cursor: 4 });
  });

  it('shows six lines at most, around the one that is chosen', () => {
    const world = worldOf(...Array.from({ length: 20 }, (_, index) => lotOf(index + 1)));
    let prompt = promptOf('/lot ');
    for (let step = 0; step < 12; step++) prompt = press(prompt, key('down'), world).prompt;
    const { menu } = drawPrompt(prompt, world, 80);
    expect(menu).toHaveLength(6);
    expect(menu.findIndex(({ selected }) => selected)).toBe(4);
    expect(menu.find(({ selected }) => selected)?.label).toBe('12');
  });
});

describe('the history', () => {
  const sent = pressAll(EMPTY_PROMPT, typed('/myitems'), key('enter'), typed('/watch 7'), key('enter')).prompt;

  it('goes back and forth, and keeps the line that was being typed', () => {
    const draft = pressAll(sent, typed('x'));
    const back = pressAll(draft.prompt, key('up'));
    expect(back.prompt.text).toBe('/watch 7');
    expect(pressAll(back.prompt, key('up')).prompt.text).toBe('/myitems');
    expect(pressAll(back.prompt, key('up'), key('up')).prompt.text).toBe('/myitems');
    expect(pressAll(back.prompt, key('up'), key('down'), key('down')).prompt.text).toBe('x');
  });

  it('leaves the arrows of an empty line to the list of lots, and has ctrl-p', () => {
    expect(pressAll(sent, key('up')).unused).toBe(true);
    const recalled = pressAll(sent, { name: 'chord', key: 'p', ctrl: true });
    expect(recalled.prompt.text).toBe('/watch 7');
    expect(pressAll(recalled.prompt, { name: 'chord', key: 'n', ctrl: true }).prompt.text).toBe('');
  });

  it('searches backwards for what was typed with ctrl-r', () => {
    const ctrlR: KeyPress = { name: 'chord', key: 'r', ctrl: true };
    const more = pressAll(sent, typed('/watch 9'), key('enter'), typed('/lot 7'), key('enter'), typed('wat')).prompt;
    const found = pressAll(more, ctrlR);
    expect(found.prompt.text).toBe('/watch 9');
    expect(pressAll(found.prompt, ctrlR).prompt.text).toBe('/watch 7');
    expect(pressAll(found.prompt, ctrlR, ctrlR).prompt.text).toBe('/watch 7');
    expect(pressAll(sent, typed('nothing like it'), ctrlR).prompt.text).toBe('nothing like it');
  });

  it('remembers a line once that is sent twice', () => {
    expect(pressAll(sent, typed('/watch 7'), key('enter')).prompt.history).toEqual(['/myitems', '/watch 7']);
  });

  it('sends nothing for nothing', () => {
    expect(pressAll(EMPTY_PROMPT, key('enter'))).toEqual({ prompt: EMPTY_PROMPT, unused: true });
    expect(pressAll(promptOf('   '), key('enter')).submitted).toBeUndefined();
  });
});

describe('the hint', () => {
  it.each([
    ['/bid 7 ', '/bid <lot> <AMOUNT>   next valid: 130.00 €   Tab complete · Enter send · Esc close'],
    ['/bid 7 129', '/bid <lot> <AMOUNT>   Too low; next valid: 130.00 €   Enter send · Esc close'],
    ['/bid 7 13', '/bid <lot> <AMOUNT>   next valid: 130.00 €   Tab complete · Enter send · Esc close'],
    ['/bid 7 129 ', '/bid <lot> <amount>   Too low; next valid: 130.00 €   Enter send · Esc close'],
    ['/bid 7 130.00 ', '/bid <lot> <amount>   [--yes] [--repeat]   Enter send · Esc close'],
    ['/bid 3 1', '/bid <lot> <AMOUNT>   #3 is sold.   Enter send · Esc close'],
    ['/bid 12 ', '/bid <lot> <AMOUNT>   You offer #12 yourself.   Enter send · Esc close'],
    ['/bid 99 ', '/bid <lot> <AMOUNT>   No such lot is known here.   Enter send · Esc close'],
    [
      '/bid 7 1.234',
      '/bid <lot> <AMOUNT>   The amount is not a positive decimal number of the currency; EUR has 2 decimals.   Enter send · Esc close',
    ],
    ['/bid', '/bid <lot> <amount>   bid on a lot   Tab complete · Enter send · Esc close'],
    ['/bi', 'Tab complete · Enter send · Esc close'],
    [
      '/list Oak 5 +10m --increment ',
      '/list <title> <price> <closes> --increment AMOUNT   the least by which a bid outbids another; the smallest coin if not given   Enter send · Esc close',
    ],
    ['/watch ', "/watch [LOT]   the lot's short number or its id   Tab complete · Enter send · Esc close"],
    ['/bdi 7', 'There is no such command; did you mean /bid?   Enter send · Esc close'],
    ['/bdi', 'There is no such command; did you mean /bid?   Enter send · Esc close'],
    ['hello', 'A command begins with /.   Enter send · Esc close'],
    ['', ''],
  ])('%s', (text, hint) => {
    expect(drawPrompt(promptOf(text), WORLD, 80).hint).toBe(hint);
  });
});

describe('what is wrong so far', () => {
  const isWrong = (text: string, code: ClientErrorCode) => {
    const [head = ''] = adviceForComplaint(code).split(';');
    return drawPrompt(promptOf(text), WORLD, 80).hint.includes(head);
  };

  it.each<[string, ClientErrorCode]>([
    ['/bid x ', 'lot-malformed'],
    ['/bid x 130', 'lot-malformed'],
    ['/bid 7 abc', 'amount-malformed'],
    ['/bid 7 130 x', 'command-malformed'],
    ['/list "" ', 'title-malformed'],
    ['/list Oak 5x ', 'amount-malformed'],
    ['/list Oak 5 yesterday', 'date-malformed'],
    ['/list Oak 5 +10x', 'date-malformed'],
    ['/list Oak 5 2001-01-31T18:00', 'date-in-past'],
    ['/list Oak 5 +10m --foo x', 'command-malformed'],
    ['/list Oak 5 +10m --currency EURO ', 'currency-unknown'],
    ['/list Oak 5 +10m --extension x --repeat ', 'extension-malformed'],
    ['/settime soon', 'date-malformed'],
    ['/help foo ', 'command-unknown'],
  ])('%s is %s', (text, code) => {
    expect(isWrong(text, code)).toBe(true);
  });

  it.each([
    '/bid 7 130.00',
    '/bid 7 200 --yes',
    '/list "Oak desk" 100.00 tomorrow 18:00 --increment 5.00 --extension 2m,2m,1h',
    '/list Oak 40 +1h30m --description "with a \\"quote\\""',
    '/list Oak 40 2099-01-31T18:00:30+01:00',
    '/settime tomorrow 18:00',
    '/receipt 7',
    '/help /bid',
  ])('says nothing while %s is typed, letter by letter', (text) => {
    for (let end = 1; end <= text.length; end++) {
      const { hint } = drawPrompt(promptOf(text.slice(0, end)), WORLD, 80);
      expect(hint).not.toMatch(/There is no|not allowed|no known form|another form|not a positive|not in the future/);
    }
  });
});

describe('the drawn line', () => {
  it('scrolls so that the cursor and what is around it are seen', () => {
    const prompt = promptOf('/list "a very long title that goes on and on" 100.00 +10m');
    expect(drawPrompt(prompt, WORLD, 20)).toMatchObject({ line: 'and on" 100.00 +10m', cursorColumn: 19 });
    const middle = { ...prompt, cursor: 12 };
    expect(drawPrompt(middle, WORLD, 20)).toMatchObject({ line: '/list "a very long t', cursorColumn: 12 });
  });

  it('is never wider than its room, whatever is pressed; the cursor is in it', () => {
    fc.assert(
      fc.property(fc.array(keyPresses(), { maxLength: 40 }), fc.integer({ min: 4, max: 100 }), (keys, width) => {
        const { prompt } = pressAll(EMPTY_PROMPT, ...keys);
        const { line, cursorColumn, menu } = drawPrompt(prompt, WORLD, width);
        expect(cellsOf(line)).toBeLessThanOrEqual(width);
        expect(cursorColumn).toBeLessThan(width);
        expect(prompt.text).toContain(line);
        expect(menu.length).toBeLessThanOrEqual(6);
        expect(graphemesOf(prompt.text.slice(0, prompt.cursor)).join('')).toBe(prompt.text.slice(0, prompt.cursor));
      }),
      { numRuns: 300 },
    );
  });

  it('holds whatever somebody pastes', () => {
    const file = new URL('../../vectors/naughty-strings/blns.json', import.meta.url);
    const naughty: string[] = JSON.parse(readFileSync(file, 'utf8'));
    const world = worldOf(...naughty.map((title, index) => lotOf(index + 1, { title })));
    for (const text of naughty) {
      for (const before of ['', '/lot ', '/list "']) {
        const { prompt } = press(promptOf(before), { name: 'text', text, pasted: true }, world);
        for (const width of [4, 40]) {
          const { line, cursorColumn, menu, hint } = drawPrompt(prompt, world, width);
          expect(cellsOf(line)).toBeLessThanOrEqual(width);
          expect(cursorColumn).toBeLessThan(width);
          const shown = [line, hint, ...menu.flatMap(({ label, help }) => [label, help])].join('');
          expect(shown).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
        }
      }
    }
  });
});
