/** Titles and descriptions that would paint a terminal, hide themselves or be another's: refused at intake from a client that checks nothing. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HandParticipant } from '../support/hand-participant.ts';
import { FORGIVING } from '../support/house-servers.ts';
import type { Answer, RawSocket } from '../support/raw-socket.ts';
import { RunningHouse } from '../support/running-house.ts';

const NAUGHTY: string[] = JSON.parse(
  readFileSync(new URL('../vectors/naughty-strings/blns.json', import.meta.url), 'utf8'),
);

const HOSTILE: [string, string][] = [
  ['the colour red', '\u001b[31mred\u001b[0m'],
  ['a new window title', '\u001b]0;owned\u0007'],
  ['the clipboard', '\u001b]52;c;ZXZpbA==\u0007'],
  ['a link', '\u001b]8;;http://evil.example\u001b\\desk\u001b]8;;\u001b\\'],
  ['a cleared screen', '\u001b[2J'],
  ['an 8-bit control sequence', '\u009b31mred'],
  ['a device control string', '\u0090$q"p\u009c'],
  ['a carriage return', 'desk\rsold'],
  ['a line break', 'desk\nsold'],
  ['a tab', 'desk\tsold'],
  ['a backspace', 'desk\b\b\b\bsofa'],
  ['a bell', 'desk\u0007'],
  ['a null', 'desk\u0000'],
  ['delete', 'desk\u007f'],
  ['a right-to-left override', 'desk \u202eksed'],
  ['a right-to-left isolate', 'desk \u2067ksed\u2069'],
  ['a right-to-left mark', 'desk\u200f'],
  ['a zero-width space', 'de\u200bsk'],
  ['a zero-width joiner', 'de\u200dsk'],
  ['a byte order mark', '\ufeffdesk'],
  ['a soft hyphen', 'de\u00adsk'],
  ['a line separator', 'desk\u2028sold'],
  ['a paragraph separator', 'desk\u2029sold'],
  ['a tag character', 'desk\u{e0041}'],
  ['a private character', 'desk\ue000'],
  ['a lone surrogate', 'desk\ud800'],
  ['an unassigned character', 'desk\u0378'],
  ['an interlinear annotation', 'desk\ufff9sofa\ufffb'],
  ['another normal form', 'cafe\u0301'],
];

let house: RunningHouse;
let seller: HandParticipant;
let socket: RawSocket;
let watcher: RawSocket;
beforeAll(async () => {
  house = await RunningHouse.start({ rates: FORGIVING });
  seller = await house.participant('sue');
  socket = await house.rawSocket(seller);
  watcher = await house.rawSocket(await house.participant('walt'));
});
afterAll(() => house.close());

function list(changes: Record<string, unknown>): Promise<Answer> {
  return house.command(seller, socket, { type: 'list', ...house.terms(), ...changes });
}

describe('text from a client that checks nothing', () => {
  it.each(HOSTILE)('with %s is refused in a title', async (_name, text) => {
    expect(await list({ title: text })).toMatchObject({ outcome: 'refused', code: 'malformed' });
  });

  it('is refused in a description too, where only a line break is allowed', async () => {
    for (const [name, text] of HOSTILE) {
      const answer = await list({ description: text });
      const expected = name === 'a line break' ? { outcome: 'accepted' } : { code: 'malformed' };
      expect(answer, name).toMatchObject(expected);
    }
  });

  it('is refused where it is empty, padded, or longer than allowed', async () => {
    // 10 000 characters do not fit into anything that can be signed; 5 000 do.
    const titles = ['', ' ', ' desk', 'desk ', '\u3000desk', 'x'.repeat(121), 'x'.repeat(5_000), '😀'.repeat(121)];
    for (const title of titles) {
      expect(await list({ title }), title.slice(0, 20)).toMatchObject({ code: 'malformed' });
    }
    expect(await list({ title: '😀'.repeat(120) })).toMatchObject({ outcome: 'accepted' });
    expect(await list({ title: 'x'.repeat(120) })).toMatchObject({ outcome: 'accepted' });
  });

  it('is refused in every other place where text could be: currency, unknown members, other types', async () => {
    const wrong: Record<string, unknown>[] = [
      { currency: 'eur' },
      { currency: 'EU\u0000' },
      { currency: '\u001b[1' },
      { currency: 'ЕUR' },
      { title: ['desk'] },
      { title: { toString: 'desk' } },
      { title: 7 },
      { note: 'desk' },
      { constructor: 'desk' },
    ];
    for (const change of wrong) expect(await list(change), JSON.stringify(change)).toMatchObject({ code: 'malformed' });
  });

  it('of the big list of naughty strings is refused or printed as it was sent, and nothing else is told', async () => {
    const answers: Answer[] = [];
    // Some at a time: each that waits has a connection of its own to the Trusted Service.
    for (let from = 0; from < NAUGHTY.length; from += 16) {
      answers.push(...(await Promise.all(NAUGHTY.slice(from, from + 16).map((title) => list({ title })))));
    }
    const taken = answers.filter(({ outcome }) => outcome === 'accepted').length;
    for (const answer of answers) {
      if (answer.outcome !== 'accepted') expect(answer).toMatchObject({ outcome: 'refused', code: 'malformed' });
    }
    expect(taken).toBeGreaterThan(100);
    const { lots } = await watcher.ask('query', { type: 'allitems' });
    const told = [...lots, ...(await watcher.told('someone_listed', taken))].map(({ terms }: Answer) => terms);
    for (const { title } of told) expect(title).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
    const sent = new Set([...NAUGHTY, 'Oak desk', '😀'.repeat(120), 'x'.repeat(120)]);
    expect(told.filter(({ title }) => !sent.has(title))).toEqual([]);
    expect(house.failures).toEqual([]);
  });

  it('in a user name is refused by the Trusted Service', async () => {
    for (const [name, text] of HOSTILE) {
      // There the two normal forms are one name, and the second to ask for it gets none.
      if (name === 'another normal form') continue;
      await expect(house.participant(text), name).rejects.toMatchObject({ code: 'username-invalid' });
    }
    // Cyrillic letters among Latin ones.
    for (const mixed of ['аnn', 'раураl', 'а-nn']) {
      await expect(house.participant(mixed), mixed).rejects.toMatchObject({ code: 'username-invalid' });
    }
  });
});
