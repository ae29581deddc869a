/** From what Ink heard to the keys that the prompt and the screen know. Pure. */
import type { KeyPress } from '../prompt/key-press.ts';

/** The part of Ink's key that is asked for here. */
export interface HeardKey {
  readonly upArrow: boolean;
  readonly downArrow: boolean;
  readonly leftArrow: boolean;
  readonly rightArrow: boolean;
  readonly pageDown: boolean;
  readonly pageUp: boolean;
  readonly home: boolean;
  readonly end: boolean;
  readonly return: boolean;
  readonly escape: boolean;
  readonly tab: boolean;
  readonly backspace: boolean;
  readonly delete: boolean;
  readonly ctrl: boolean;
  readonly meta: boolean;
  readonly shift: boolean;
}

type NamedKey = Exclude<KeyPress['name'], 'text' | 'chord'>;

const NAMES: readonly (readonly [keyof HeardKey, NamedKey])[] = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageUp', 'page-up'],
  ['pageDown', 'page-down'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'enter'],
  ['escape', 'escape'],
  ['tab', 'tab'],
  ['backspace', 'backspace'],
  ['delete', 'delete'],
];

/** What was pressed. A terminal may hand over several characters at once: a line break among them is Enter. */
export function keysOf(input: string, key: HeardKey): KeyPress[] {
  const named = NAMES.find(([flag]) => key[flag]);
  // An escape key never has `meta` of its own: it is the prefix by which meta is told.
  if (named !== undefined)
    return [{ name: named[1], ...modifiers(named[1] === 'escape' ? { ...key, meta: false } : key) }];
  if (input === '') return [];
  if (key.ctrl || key.meta) return [chordOf(input, key)];
  return input
    .split(/(\r\n|[\r\n\t])/)
    .filter((part) => part !== '')
    .map((part): KeyPress => {
      if (part === '\t') return { name: 'tab' };
      return /^[\r\n]/.test(part) ? { name: 'enter' } : { name: 'text', text: part };
    });
}

/** What was pasted is text, whatever it looks like. */
export function pasteOf(text: string): KeyPress {
  return { name: 'text', text: text.replaceAll(/[\r\n\t]+/g, ' '), pasted: true };
}

function chordOf(input: string, { ctrl, meta }: HeardKey): KeyPress {
  return { name: 'chord', key: input.toLowerCase(), ...(ctrl ? { ctrl } : {}), ...(meta ? { meta } : {}) };
}

function modifiers({ ctrl, meta, shift }: HeardKey): { ctrl?: true; meta?: true; shift?: true } {
  return { ...(ctrl ? { ctrl } : {}), ...(meta ? { meta } : {}), ...(shift ? { shift } : {}) };
}
