import { render } from 'ink-testing-library';
import { createElement } from 'react';
import { expect, it } from 'vitest';
import type { KeyPress } from '../../../client/prompt/key-press.ts';
import { firstFrame } from '../../../client/screen/first-frame.ts';
import { Screen } from '../../../client/view/screen.tsx';
import { until } from '../../support/until.ts';

it('hands on keys, chords and lines as they are typed', async () => {
  const heard: KeyPress[] = [];
  const frame = firstFrame({ columns: 40, rows: 8 });
  const { stdin, lastFrame, unmount } = render(createElement(Screen, { frame, onKey: (key) => heard.push(key) }));
  expect(lastFrame()).toContain('GAVEL');
  // Ink listens from its first effect on.
  await until('a key', () => {
    stdin.write('x');
    return heard.length > 0;
  });
  heard.length = 0;
  for (const typed of ['/bid 7 1\r', '\u001B[A', '\u0003', '\u001Bb', '\u007F']) stdin.write(typed);
  await until('every key', () => heard.length >= 6);
  expect(heard).toEqual([
    { name: 'text', text: '/bid 7 1' },
    { name: 'enter' },
    { name: 'up' },
    { name: 'chord', key: 'c', ctrl: true },
    { name: 'chord', key: 'b', meta: true },
    { name: 'backspace' },
  ]);
  unmount();
});
