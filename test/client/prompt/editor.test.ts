import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Editor, EMPTY_EDITOR, edit, insert, MAX_LINE_CHARACTERS } from '../../../client/prompt/editor.ts';
import { cellsOf, graphemesOf, nextBoundary } from '../../../client/prompt/graphemes.ts';
import type { KeyPress } from '../../../client/prompt/key-press.ts';
import { keyPresses } from './keys.ts';

/** `|` is the cursor. */
const editorOf = (drawn: string, more: Partial<Editor> = {}): Editor => ({
  ...EMPTY_EDITOR,
  text: drawn.replace('|', ''),
  cursor: drawn.indexOf('|'),
  ...more,
});
const drawn = ({ text, cursor }: Editor) => `${text.slice(0, cursor)}|${text.slice(cursor)}`;
const ctrl = (key: string): KeyPress => ({ name: 'chord', key, ctrl: true });
const meta = (key: string): KeyPress => ({ name: 'chord', key, meta: true });

const ROWS: readonly (readonly [string, KeyPress, string, string])[] = [
  ['a letter', { name: 'text', text: 'x' }, 'a|b', 'ax|b'],
  ['a paste with line breaks', { name: 'text', text: 'x\r\ny\tz', pasted: true }, '|', 'x y z|'],
  ['control and bidi characters', { name: 'text', text: 'a\u001b[31m\u202eb\u0007' }, '|', 'a[31mb|'],
  ['a joiner in an emoji', { name: 'text', text: '👩‍🚀' }, '|', '👩‍🚀|'],
  ['left', { name: 'left' }, 'ab|c', 'a|bc'],
  ['left at the start', { name: 'left' }, '|abc', '|abc'],
  ['left over an emoji of many code points', { name: 'left' }, 'a👩‍👩‍👧|', 'a|👩‍👩‍👧'],
  ['left over a combined letter', { name: 'left' }, 'xe\u0301|', 'x|e\u0301'],
  ['ctrl-b', ctrl('b'), 'ab|', 'a|b'],
  ['right', { name: 'right' }, 'a|bc', 'ab|c'],
  ['right at the end', { name: 'right' }, 'abc|', 'abc|'],
  ['right over a flag', { name: 'right' }, '|🇩🇪x', '🇩🇪|x'],
  ['ctrl-f', ctrl('f'), '|ab', 'a|b'],
  ['home', { name: 'home' }, 'ab|c', '|abc'],
  ['ctrl-a', ctrl('a'), 'ab|c', '|abc'],
  ['end', { name: 'end' }, 'a|bc', 'abc|'],
  ['ctrl-e', ctrl('e'), 'a|bc', 'abc|'],
  ['backspace', { name: 'backspace' }, 'ab|c', 'a|c'],
  ['backspace at the start', { name: 'backspace' }, '|abc', '|abc'],
  ['backspace over an emoji', { name: 'backspace' }, 'a👍🏽|b', 'a|b'],
  ['ctrl-h', ctrl('h'), 'ab|c', 'a|c'],
  ['delete', { name: 'delete' }, 'a|bc', 'a|c'],
  ['ctrl-d', ctrl('d'), 'a|bc', 'a|c'],
  ['ctrl-d at the end', ctrl('d'), 'ab|', 'ab|'],
  ['meta-b', meta('b'), '/bid 7 130.00|', '/bid 7 130.|00'],
  ['ctrl-left', { name: 'left', ctrl: true }, 'one two  |', 'one |two  '],
  ['meta-left', { name: 'left', meta: true }, 'one two|', 'one |two'],
  ['meta-f', meta('f'), '|one two', 'one| two'],
  ['ctrl-right', { name: 'right', ctrl: true }, 'one| two', 'one two|'],
  ['meta-right', { name: 'right', meta: true }, 'one| two', 'one two|'],
  ['a word with a combining mark', meta('b'), 'x cafe\u0301|', 'x |cafe\u0301'],
  ['ctrl-k', ctrl('k'), 'a|bc', 'a|'],
  ['ctrl-u', ctrl('u'), 'ab|c', '|c'],
  ['ctrl-w', ctrl('w'), '/bid 7 130.00|', '/bid 7 |'],
  ['ctrl-w behind blanks', ctrl('w'), '/bid 7  |x', '/bid |x'],
  ['meta-backspace', { name: 'backspace', meta: true }, '/bid 7 130.00|', '/bid 7 130.|'],
  ['meta-d', meta('d'), 'one| two three', 'one| three'],
  ['ctrl-t', ctrl('t'), 'ab|c', 'acb|'],
  ['ctrl-t at the end', ctrl('t'), 'abc|', 'acb|'],
  ['ctrl-t at the start', ctrl('t'), '|abc', '|abc'],
  ['ctrl-t with one letter', ctrl('t'), 'a|', 'a|'],
];

describe('the editor', () => {
  it.each(ROWS)('%s', (_name, key, before, after) => {
    const next = edit(editorOf(before), key);
    expect(next && drawn(next)).toBe(after);
  });

  it('puts back what was cut', () => {
    const cut = edit(editorOf('one two|'), ctrl('w'));
    const moved = edit(cut!, ctrl('a'));
    expect(drawn(edit(moved!, ctrl('y'))!)).toBe('two|one ');
  });

  it('joins what is cut by keys in a row, and begins anew after any other', () => {
    let editor = editorOf('one two three|');
    for (const key of [ctrl('w'), ctrl('w')]) editor = edit(editor, key)!;
    expect(editor.killed).toBe('two three');
    for (const key of [ctrl('e'), ctrl('w')]) editor = edit(editor, key)!;
    expect(editor.killed).toBe('one ');
  });

  it.each([ctrl('l'), ctrl('c'), meta('x'), { name: 'tab' }, { name: 'enter' }, { name: 'up' }] as KeyPress[])(
    'leaves %j to others',
    (key) => {
      expect(edit(editorOf('a|'), key)).toBeUndefined();
    },
  );

  const undo = ctrl('_');
  const after = (...keys: KeyPress[]) => drawn(keys.reduce((editor, key) => edit(editor, key)!, EMPTY_EDITOR));
  const letters = (text: string) => [...text].map((letter): KeyPress => ({ name: 'text', text: letter }));

  it.each<[string, KeyPress[], string]>([
    ['a typed word at a time', [...letters('/bid 7'), undo], '/bid|'],
    ['two of them', [...letters('/bid 7'), undo, undo], '|'],
    ['a paste by itself', [...letters('ab'), { name: 'text', text: 'c d', pasted: true }, undo], 'ab|'],
    ['what was cut, and where the cursor was', [...letters('ab'), { name: 'left' }, ctrl('k'), undo], 'a|b'],
    ['letters on both sides of a move apart', [...letters('ab'), { name: 'left' }, ...letters('x'), undo], 'a|b'],
    ['nothing where nothing changed', [undo], '|'],
  ])('undoes %s', (_name, keys, expected) => {
    expect(after(...keys)).toBe(expected);
  });

  it('takes no more than a line', () => {
    const full = insert(EMPTY_EDITOR, 'ä'.repeat(MAX_LINE_CHARACTERS + 5));
    expect(full.text).toHaveLength(MAX_LINE_CHARACTERS);
    const nearly = insert(EMPTY_EDITOR, 'a'.repeat(MAX_LINE_CHARACTERS - 1));
    expect(insert(nearly, '👍').text).toBe(nearly.text);
  });

  it('never leaves the cursor within a character, whatever is pressed', () => {
    fc.assert(
      fc.property(fc.array(keyPresses(), { maxLength: 60 }), (keys) => {
        let editor: Editor = EMPTY_EDITOR;
        for (const key of keys) editor = edit(editor, key) ?? editor;
        const { text, cursor } = editor;
        // Both halves have as many characters as the whole: none was cut in two.
        const halves = [text.slice(0, cursor), text.slice(cursor)].map((half) => graphemesOf(half).length);
        expect(halves[0]! + halves[1]!).toBe(graphemesOf(text).length);
        expect(editor.text.length).toBeLessThanOrEqual(MAX_LINE_CHARACTERS);
        expect(editor.text).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
      }),
    );
  });

  it('takes back what it took in', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 20 }),
        fc.stringMatching(/^[a-z0-9 ]{0,10}$/),
        (text, more) => {
          const before = insert(EMPTY_EDITOR, text);
          let editor = insert(before, more);
          for (const _ of more) editor = edit(editor, { name: 'backspace' })!;
          expect(editor.text).toBe(before.text);
        },
      ),
    );
  });
});

describe('cells', () => {
  it.each([
    ['abc', 3],
    ['日本', 4],
    ['e\u0301', 1],
    ['👩‍👩‍👧', 2],
  ])('%s takes %i', (text, cells) => {
    expect(cellsOf(text)).toBe(cells);
  });

  it('has a boundary after the last character', () => {
    expect(nextBoundary('a', 1)).toBe(1);
  });
});
