import { describe, expect, it } from 'vitest';
import { foldUserName, parseUserName } from '../../shared/user-name.ts';
import { codeThrownBy } from '../support/refusal.ts';

describe('a user name', () => {
  it.each([
    'ann',
    'Jane.Doe_7-x',
    '007',
    'x'.repeat(32),
    'Zoë',
    'Ђорђе',
    'Ἀριστοτέλης',
    'राजेश',
    '田中一郎',
    'さくら',
    '김철수',
    '田中さん',
    '山田タロウ',
    'サーバー',
    'らーめん一番',
    '金철수',
    '王ㄨㄤ',
    'محمد',
  ])('may be %s', (name) => {
    expect(parseUserName(name)).toBe(name.normalize('NFC'));
  });

  it('is brought to form C', () => {
    expect(parseUserName('Zoe\u0308')).toBe('Zo\u00eb');
  });

  it.each([
    ['two characters', 'ab'],
    ['33 characters', 'x'.repeat(33)],
    ['empty', ''],
    ['a blank', 'jane doe'],
    ['a line break', 'jane\ndoe'],
    ['an escape', 'jane\u001b[31m'],
    ['a right-to-left override', 'jane\u202edoe'],
    ['a zero-width joiner', 'ja\u200dne'],
    ['an at sign', 'jane@doe'],
    ['an emoji', 'jane\u{1f600}'],
    ['Latin with a Cyrillic letter', 'j\u0430ne'],
    ['Latin with a Greek letter', 'jan\u03bf'],
    ['Hangul with kana', '김さん'],
    ['Hangul with Bopomofo', '김ㄨㄤ'],
    ['kana with Bopomofo', 'さんㄨ'],
    ['kanji, kana and Hangul', '田さ김'],
    ['kanji with Latin', '田中jane'],
    ['kana with Cyrillic', 'さんд'],
    ['long vowels alone', 'ーーー'],
    ['a long vowel behind kanji', '田中ー'],
    ['a long vowel behind Latin', 'janeー'],
    ['Hangul fillers', '\u3164\u3164\u3164'],
    ['a Hangul filler behind a name', '김철수\u3164'],
    ['an invisible Khmer vowel', 'ក\u17b4ក\u17b5ក'],
    ['a variation selector', 'jan\ufe0fe'],
    ['a mark of no script on a letter', 'jx\u0338ne'],
    ['digits of another script', 'ja\u0663\u0664'],
    ['a dot in front', '.jane'],
    ['a dash behind', 'jane-'],
    ['dots alone', '...'],
    ['a lone surrogate', 'jan\ud800'],
    ['a reserved word', 'operator'],
    ['a reserved word in capitals', 'GaVeL'],
    ['a reserved word in full width', '\uff52\uff4f\uff4f\uff54'],
  ])('is refused: %s', (_what, name) => {
    expect(codeThrownBy(() => parseUserName(name))).toBe('username-invalid');
  });

  it.each([
    ['Jane', 'jANE'],
    ['Straße', 'STRASSE'],
    ['STRA\u1e9eE', 'straße'],
    ['ſam', 'SAM'],
    ['Ὀδυσσεύς', 'ὈΔΥΣΣΕΎΣ'],
    ['\uff4a\uff41\uff4e\uff45', 'jane'],
    ['\ufb01ne', 'fine'],
    ['sıla', 'SILA'],
    ['Zo\u00eb', 'zoe\u0308'],
  ])('%s is the same as %s', (left, right) => {
    expect(foldUserName(parseUserName(left))).toBe(foldUserName(parseUserName(right)));
  });

  it('is not the same as a similar one', () => {
    expect(foldUserName(parseUserName('jane'))).not.toBe(foldUserName(parseUserName('janes')));
  });
});
