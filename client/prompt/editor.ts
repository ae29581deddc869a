/** A line of text that is edited with the keys of readline. Pure. */
import { nextBoundary, previousBoundary } from './graphemes.ts';
import type { KeyPress } from './key-press.ts';

export interface Line {
  readonly text: string;
  /** A UTF-16 index between two graphemes. */
  readonly cursor: number;
}

export interface Editor extends Line {
  /** What was cut last, for ctrl-y. */
  readonly killed: string;
  /** Whether the last key cut something: the next cut joins it. */
  readonly isKilling: boolean;
  /** The line before each change, the newest last, for ctrl-_. */
  readonly past: readonly Line[];
  /** Whether the last key typed a letter: the next one is undone with it. */
  readonly isTyping: boolean;
}

export const EMPTY_EDITOR: Editor = { text: '', cursor: 0, killed: '', isKilling: false, past: [], isTyping: false };

/** Changes that can be undone: more than anybody wants back of one line. */
const MAX_PAST = 100;

/** Longer than the longest command: a description of 2 000 characters, each written as an escape, and a title. */
export const MAX_LINE_CHARACTERS = 8_192;

/** What typed or pasted text is kept of: line breaks and tabs become blanks, and what can't be seen is left out. */
const BREAKS = /[\t\n\v\f\r\u0085\p{Zl}\p{Zp}]+/gu;
/** Joiners and variation selectors stay: scripts and emoji are written with them. */
const UNSEEN = /[^\P{C}\u200c\u200d]+/gu;

type Edit = (editor: Editor) => Editor;

/** The next line; `undefined` for a key that edits nothing. */
export function edit(editor: Editor, key: KeyPress): Editor | undefined {
  if (key.name === 'text') return key.pasted === true ? insert(editor, key.text) : type(editor, key.text);
  return EDITS.get(nameOf(key))?.(editor);
}

/** Text at the cursor, as far as there is room for it. */
export function insert(editor: Editor, text: string): Editor {
  const { text: before, cursor } = editor;
  const clean = text.replaceAll(BREAKS, ' ').replaceAll(UNSEEN, '');
  const room = MAX_LINE_CHARACTERS - before.length;
  const fitting = clean.length <= room ? clean : clean.slice(0, previousBoundary(clean, room + 1));
  return lineOf(editor, before.slice(0, cursor) + fitting + before.slice(cursor), cursor + fitting.length);
}

/** Typed letters are undone word by word. */
function type(editor: Editor, text: string): Editor {
  const next = insert(editor, text);
  const past = editor.isTyping && !/^\s/u.test(text) ? editor.past : next.past;
  return { ...next, past, isTyping: true };
}

/** `ctrl+left`, `meta+b`, `home`. */
function nameOf(key: Exclude<KeyPress, { name: 'text' }>): string {
  const prefix = `${key.ctrl ? 'ctrl+' : ''}${key.meta ? 'meta+' : ''}`;
  return prefix + (key.name === 'chord' ? key.key : key.name);
}

/** A line in place of this one. The text may have joined two graphemes: then the cursor goes behind what they became. */
export function lineOf(editor: Editor, text: string, cursor: number): Editor {
  const before = previousBoundary(text, cursor);
  const isBetween = cursor === 0 || nextBoundary(text, before) === cursor;
  return { ...moveTo(editor, isBetween ? cursor : nextBoundary(text, before)), text, past: withPast(editor, text) };
}

function withPast({ past, text, cursor }: Editor, next: string): Editor['past'] {
  return next === text ? past : [...past, { text, cursor }].slice(-MAX_PAST);
}

function moveTo(editor: Editor, cursor: number): Editor {
  return { ...editor, cursor, isKilling: false, isTyping: false };
}

function undo(editor: Editor): Editor {
  const last = editor.past.at(-1);
  return last === undefined
    ? editor
    : { ...moveTo(editor, last.cursor), text: last.text, past: editor.past.slice(0, -1) };
}

const left: Edit = (editor) => moveTo(editor, previousBoundary(editor.text, editor.cursor));
const right: Edit = (editor) => moveTo(editor, nextBoundary(editor.text, editor.cursor));
const toStart: Edit = (editor) => moveTo(editor, 0);
const toEnd: Edit = (editor) => moveTo(editor, editor.text.length);
const wordLeft: Edit = (editor) => moveTo(editor, wordStart(editor, IN_WORD));
const wordRight: Edit = (editor) => moveTo(editor, wordEnd(editor));

const eraseBefore: Edit = (editor) => erase(editor, previousBoundary(editor.text, editor.cursor), editor.cursor);
const eraseAfter: Edit = (editor) => erase(editor, editor.cursor, nextBoundary(editor.text, editor.cursor));
const killToEnd: Edit = (editor) => kill(editor, editor.cursor, editor.text.length);
const killToStart: Edit = (editor) => kill(editor, 0, editor.cursor);
const killWord: Edit = (editor) => kill(editor, wordStart(editor, IN_WORD), editor.cursor);
const killBigWord: Edit = (editor) => kill(editor, wordStart(editor, IN_BIG_WORD), editor.cursor);
const killNextWord: Edit = (editor) => kill(editor, editor.cursor, wordEnd(editor));
const yank: Edit = (editor) => insert(editor, editor.killed);

/** The two graphemes around the cursor change places; at the end, the last two. */
function transpose(editor: Editor): Editor {
  const { text } = editor;
  const middle = editor.cursor === text.length ? previousBoundary(text, editor.cursor) : editor.cursor;
  const start = previousBoundary(text, middle);
  const end = nextBoundary(text, middle);
  if (start === middle || middle === end) return moveTo(editor, editor.cursor);
  const swapped = text.slice(middle, end) + text.slice(start, middle);
  return lineOf(editor, text.slice(0, start) + swapped + text.slice(end), end);
}

function erase(editor: Editor, from: number, to: number): Editor {
  return lineOf(editor, editor.text.slice(0, from) + editor.text.slice(to), from);
}

/** Cuts a part that has the cursor at one of its ends. */
function kill(editor: Editor, from: number, to: number): Editor {
  if (from === to) return moveTo(editor, editor.cursor);
  const cut = editor.text.slice(from, to);
  const joined = from < editor.cursor ? cut + editor.killed : editor.killed + cut;
  return { ...erase(editor, from, to), killed: editor.isKilling ? joined : cut, isKilling: true };
}

/** Letters and digits, as readline parts words; and whatever is between blanks. */
const IN_WORD = /[\p{L}\p{M}\p{N}]/u;
const IN_BIG_WORD = /\S/u;
const NEXT_WORD = /^[^\p{L}\p{M}\p{N}]*[\p{L}\p{M}\p{N}]*/u;

/** Step by step: a regular expression that is bound to the end tries every beginning, which a long paste makes slow. */
function wordStart({ text, cursor }: Line, inWord: RegExp): number {
  const characters = [...text.slice(0, cursor)];
  let length = characters.length;
  while (length > 0 && !inWord.test(characters[length - 1] ?? '')) length--;
  while (length > 0 && inWord.test(characters[length - 1] ?? '')) length--;
  return boundaryAt(text, characters.slice(0, length).join('').length);
}

function wordEnd({ text, cursor }: Line): number {
  const [word = ''] = NEXT_WORD.exec(text.slice(cursor)) ?? [];
  const end = cursor + word.length;
  return end === text.length ? end : Math.max(boundaryAt(text, end), cursor);
}

/** The index itself, or the beginning of the grapheme that it is in. */
function boundaryAt(text: string, index: number): number {
  const before = previousBoundary(text, index);
  return nextBoundary(text, before) === index || index === 0 ? index : before;
}

const EDITS: ReadonlyMap<string, Edit> = new Map([
  ['left', left],
  ['ctrl+b', left],
  ['right', right],
  ['ctrl+f', right],
  ['home', toStart],
  ['ctrl+a', toStart],
  ['end', toEnd],
  ['ctrl+e', toEnd],
  ['ctrl+left', wordLeft],
  ['meta+left', wordLeft],
  ['meta+b', wordLeft],
  ['ctrl+right', wordRight],
  ['meta+right', wordRight],
  ['meta+f', wordRight],
  ['backspace', eraseBefore],
  ['ctrl+h', eraseBefore],
  ['delete', eraseAfter],
  ['ctrl+d', eraseAfter],
  ['ctrl+k', killToEnd],
  ['ctrl+u', killToStart],
  ['ctrl+w', killBigWord],
  ['meta+backspace', killWord],
  ['meta+d', killNextWord],
  ['ctrl+y', yank],
  ['ctrl+t', transpose],
  ['ctrl+_', undo],
]);
