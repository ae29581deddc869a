/** Any key that anybody can press. */
import fc from 'fast-check';
import type { KeyPress } from '../../../client/prompt/key-press.ts';

const NAMES = ['left', 'right', 'up', 'down', 'home', 'end', 'backspace', 'delete', 'enter', 'tab', 'escape'] as const;
const CHORDS = [...'abdefhklnptuwyc_'];
const held = { ctrl: fc.constant(true as const), meta: fc.constant(true as const) };

export function keyPresses(): fc.Arbitrary<KeyPress> {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 6 }),
    fc.string({ unit: 'binary', maxLength: 6 }),
    fc.constantFrom('/', '/bid ', '/list "', '7', ' ', '"', '--', '\u200d', '\u0301', '🇩', '1'),
  );
  return fc.oneof(
    fc.record({ name: fc.constant('text' as const), text }),
    fc.record({ name: fc.constantFrom(...NAMES), ...held }, { requiredKeys: ['name'] }),
    fc.record(
      { name: fc.constant('chord' as const), key: fc.constantFrom(...CHORDS), ...held },
      { requiredKeys: ['name', 'key'] },
    ),
  );
}
