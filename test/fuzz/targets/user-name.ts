/** User names: the form that is kept is the form that is read. */
import { foldUserName, parseUserName } from '../../../shared/user-name.ts';
import { mutateText } from '../mutate-text.ts';
import { demand, judging, type Target } from '../target.ts';

const NAMES = [
  'ada',
  'Ada.Lovelace_1815',
  'Ἀριστοτέλης',
  'Søren',
  'Straße-7',
  'ЛевТолстой',
  '紫式部',
  'ひらがなー',
  '세종대왕',
  'עברית',
  'देवनागरी',
];
const LETTERS = [
  'ſ',
  'ß',
  'ẞ',
  'ς',
  'σ',
  'ı',
  'İ',
  'K',
  'Å',
  'ﬁ',
  'ᾳ',
  'ー',
  'ᅟ',
  'а',
  '᠎',
  '\u0301',
  '\u0345',
  '𝒜',
  '-',
  '.',
  '_',
  '٣',
];

export const userName: Target<string> = {
  name: 'user-name',
  reaches: ['accepted', 'username-invalid'],
  prepare: () => ({
    valid: NAMES,
    mutate: (text, choice, other) => {
      if (choice.oneIn(2)) return mutateText(text, choice, other);
      const at = choice.below(text.length + 1);
      return text.slice(0, at) + choice.of(LETTERS) + text.slice(at + choice.below(2));
    },
    judge: (text) =>
      judging(
        ['username-invalid'],
        () => parseUserName(text),
        (name) => {
          demand(parseUserName(name) === name, 'read again it is another name');
          demand(name === text.normalize('NFC') && name.isWellFormed(), 'it is kept in another form than NFC');
          demand(
            foldUserName(foldUserName(name) as typeof name) === foldUserName(name),
            'folded twice it is another name',
          );
          demand(/^[^\p{C}\p{Z}]*$/u.test(name), 'it has characters that nobody sees');
        },
      ),
  }),
};
