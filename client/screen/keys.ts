/** What a key does: it answers a question, moves in a pane, edits the prompt, or, while that is empty, is a shortcut. */
import { formatAmount } from '../commands/currency.ts';
import type { KeyPress } from '../prompt/key-press.ts';
import { press, promptOf } from '../prompt/prompt.ts';
import { nextValidBid } from '../store/select.ts';
import { bodyHeight } from './frame-of.ts';
import { type Step, step } from './message.ts';
import { lastScroll } from './panes.ts';
import { promptWorld } from './prompt-world.ts';
import { lotAtCursor, lotsShown } from './rows-shown.ts';
import { FILTERS, type Pane, type ScreenState, SORTS } from './screen-state.ts';
import { askForPast, confirmed, leave, submit, withFlash } from './submit.ts';

export function keyPressed(state: ScreenState, key: KeyPress): Step {
  if (isChord(key, 'c')) return interrupt(state);
  if (state.question !== undefined) return answerQuestion(state, key);
  if (state.prompt.text === '') {
    const pane = state.pane === undefined ? undefined : paneKey(state, state.pane, key);
    const shortcut = pane ?? shortcutFor(state, key);
    if (shortcut !== undefined) return shortcut;
  }
  return typed(state, key);
}

function isChord(key: KeyPress, letter: string): boolean {
  return key.name === 'chord' && key.key === letter && key.ctrl === true;
}

/** Ctrl+C takes back what is begun, and quits where there is nothing to take back. */
function interrupt(state: ScreenState): Step {
  const { question: _question, ...rest } = state;
  if (state.question !== undefined) return step(rest);
  if (state.prompt.text !== '') return step({ ...state, prompt: promptOf('', state.prompt.history) });
  return leave(state, { type: 'quit', interrupted: true });
}

function answerQuestion(state: ScreenState, key: KeyPress): Step {
  const answer = key.name === 'text' ? key.text.trim().toLowerCase() : key.name;
  if (answer === 'y') return confirmed(state);
  if (answer !== 'n' && answer !== 'escape') return step(state);
  const { question, ...rest } = state;
  // What was typed is not lost: it can be changed.
  return step({ ...rest, prompt: promptOf(question?.line ?? '', state.prompt.history) });
}

function typed(state: ScreenState, key: KeyPress): Step {
  const { prompt, submitted, unused } = press(state.prompt, key, promptWorld(state));
  if (unused === true) return step(state);
  const next: ScreenState = { ...state, prompt };
  return submitted === undefined ? step(next) : submit(next, submitted);
}

type Shortcut = (state: ScreenState) => Step;

const LETTERS: Readonly<Record<string, Shortcut>> = {
  j: (state) => moved(state, 1),
  k: (state) => moved(state, -1),
  l: openLot,
  b: beginBid,
  w: watch,
  s: (state) => step({ ...state, sort: after(SORTS, state.sort) }),
  f: (state) => step({ ...state, filter: after(FILTERS, state.filter) }),
  n: (state) => step({ ...state, unseen: 0, pane: { kind: 'notices', scroll: 0 } }),
  '?': (state) => step({ ...state, pane: { kind: 'help', scroll: 0 } }),
  q: (state) => leave(state),
};

const PAGE = 10;
const NAMED: { readonly [Name in KeyPress['name']]?: Shortcut } = {
  up: (state) => moved(state, -1),
  down: (state) => moved(state, 1),
  'page-up': (state) => moved(state, -PAGE),
  'page-down': (state) => moved(state, PAGE),
  home: (state) => moved(state, Number.NEGATIVE_INFINITY),
  end: (state) => moved(state, Number.POSITIVE_INFINITY),
  enter: openLot,
  escape: dismiss,
};

function shortcutFor(state: ScreenState, key: KeyPress): Step | undefined {
  if (key.name !== 'text') return hasModifier(key) ? undefined : NAMED[key.name]?.(state);
  if (key.pasted === true) return undefined;
  // Somebody types faster than the terminal hands over.
  const [letter = '', ...more] = key.text;
  const shortcut = LETTERS[letter];
  if (shortcut === undefined) return undefined;
  const first = shortcut(state);
  if (more.length === 0) return first;
  const rest = keyPressed(first.state, { name: 'text', text: more.join('') });
  return { state: rest.state, effects: [...first.effects, ...rest.effects] };
}

function hasModifier(key: KeyPress): boolean {
  return key.name !== 'text' && (key.ctrl === true || key.meta === true);
}

function after<Value>(values: readonly Value[], value: Value): Value {
  return values[(values.indexOf(value) + 1) % values.length] ?? value;
}

function moved(state: ScreenState, by: number): Step {
  const lots = lotsShown(state);
  if (lots.length === 0) return step(state);
  const at = lotAtCursor(state, lots);
  const from = at === undefined ? 0 : lots.indexOf(at);
  const lot = lots[Math.min(Math.max(from + by, 0), lots.length - 1)];
  return step(lot === undefined ? state : { ...state, selected: lot.lot });
}

function openLot(state: ScreenState): Step {
  const lot = lotAtCursor(state);
  if (lot === undefined) return step(state);
  return askForPast({ ...state, selected: lot.lot, pane: { kind: 'lot', lot: lot.lot, scroll: 0 } }, lot);
}

/** The prompt filled with the least that leads. */
function beginBid(state: ScreenState): Step {
  const shown = state.pane?.kind === 'lot' ? state.model.lots.get(state.pane.lot) : undefined;
  const outbid = state.unseen > 0 ? state.notices.at(-1) : undefined;
  const urgent = outbid?.kind === 'outbid' && outbid.lot !== undefined ? state.model.lots.get(outbid.lot) : undefined;
  const lot = shown ?? urgent ?? lotAtCursor(state);
  if (lot === undefined) return step(withFlash(state, 'There is no lot to bid on yet.', 'plain'));
  if (lot.mine) return step(withFlash(state, `You offer #${lot.number} yourself.`, 'plain'));
  if (lot.status !== 'open') return step(withFlash(state, `#${lot.number} is closed.`, 'plain'));
  const text = `/bid ${lot.number} ${formatAmount(nextValidBid(lot), lot.terms.currency)}`;
  return step({ ...state, selected: lot.lot, unseen: 0, prompt: promptOf(text, state.prompt.history) });
}

function watch(state: ScreenState): Step {
  const lot = lotAtCursor(state);
  return lot === undefined ? step(state) : submit({ ...state, selected: lot.lot }, `/watch ${lot.number}`);
}

function dismiss(state: ScreenState): Step {
  const { pane: _pane, flash: _flash, ...rest } = state;
  return step({ ...rest, unseen: 0 });
}

function paneKey(state: ScreenState, pane: Pane, key: KeyPress): Step | undefined {
  const { pane: _pane, ...closed } = state;
  const name = key.name === 'text' ? key.text : key.name;
  if (name === 'escape' || name === 'q' || (name === 'enter' && pane.kind !== 'lot')) return step(closed);
  const by = SCROLLS.get(name);
  if (by === undefined || hasModifier(key)) return undefined;
  const last = lastScroll(state, pane, bodyHeight(state));
  return step({ ...state, pane: { ...pane, scroll: Math.min(Math.max(0, pane.scroll + by), last) } });
}

const SCROLLS: ReadonlyMap<string, number> = new Map([
  ['up', -1],
  ['k', -1],
  ['down', 1],
  ['j', 1],
  ['page-up', -PAGE],
  ['page-down', PAGE],
  ['home', Number.NEGATIVE_INFINITY],
  ['end', Number.POSITIVE_INFINITY],
]);
