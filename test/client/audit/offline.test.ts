/** A real house plays several auctions; its journal is exported, and verified by a process that has a file and a fingerprint. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ending, gavel } from '../../support/gavel-process.ts';
import type { HandParticipant } from '../../support/hand-participant.ts';
import type { RawSocket } from '../../support/raw-socket.ts';
import { RunningHouse } from '../../support/running-house.ts';
import { until } from '../../support/until.ts';

let house: RunningHouse;
let folder: string;
let file: string;
let exported: Ending;
/** What everybody was told of each lot's end. */
let announced: ReadonlyMap<number, unknown>;
let sockets: Record<'sue' | 'ann' | 'bob', RawSocket>;
let people: Record<'sue' | 'ann' | 'bob', HandParticipant>;

// biome-ignore lint/suspicious/noExplicitAny: the tests look into what was printed
const linesOf = (text: string): any[] =>
  text
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
const root = () => `sha256:${house.root.sha256}`;
/** A process that has the fingerprint and the file. */
const verify = (path: string, ...more: string[]) => gavel(['verify', '--root', root(), '--bundle', path, ...more], {});

/** Signs and stamps now; the result seals and sends. */
async function prepared(name: 'ann' | 'bob', lot: { lot: string }, amount: number) {
  const claims = house.bidClaims(lot as never, amount);
  const statement = await house.statement(people[name], claims);
  const timestamp = await people[name].stamp(statement);
  return () => sockets[name].ask('command', people[name].seal(statement, timestamp, sockets[name].sealingKey));
}

beforeAll(async () => {
  house = await RunningHouse.start();
  folder = join(house.home, 'audit');
  mkdirSync(folder);
  file = join(folder, 'bundle.jsonl');
  const join3 = async (name: string) => house.participant(name);
  people = { sue: await join3('sue'), ann: await join3('ann'), bob: await join3('bob') };
  sockets = {
    sue: await house.rawSocket(people.sue),
    ann: await house.rawSocket(people.ann),
    bob: await house.rawSocket(people.bob),
  };
  const closesAt = Math.round(house.now()) + 60_000;
  const list = (changes: object) => house.list(people.sue, sockets.sue, { closesAt, ...changes });
  const desk = await list({ title: 'Oak desk', increment: 10 });
  const lamp = await list({ title: 'Lamp', extension: { window: 20_000, by: 30_000, until: closesAt + 90_000 } });
  await list({ title: 'Nobody\u2019s chair' });
  const clock = await list({ title: 'Clock' });
  const bid = async (name: 'ann' | 'bob', lot: typeof desk, amount: number) =>
    expect(await house.bid(people[name], sockets[name], lot, amount)).toMatchObject({ outcome: 'accepted' });
  await bid('ann', desk, 100);
  await bid('bob', desk, 110);
  await bid('ann', clock, 100);
  // A tie: stamped first, sent last.
  const early = await prepared('ann', desk, 150);
  await bid('bob', desk, 150);
  expect(await early()).toMatchObject({ outcome: 'accepted' });
  // In the window of the lamp, so that it closes later; then, just before the closing, bids that arrive after it.
  await house.travelTo(closesAt - 1_500);
  await bid('bob', lamp, 200);
  const held = [await prepared('ann', clock, 300), await prepared('bob', clock, 250)];
  await until('the closing', () => house.now() > closesAt);
  for (const send of held) expect(await send()).toMatchObject({ outcome: 'accepted' });
  await house.travelPastClosing(closesAt);
  await house.travelPastClosing(closesAt + 90_000);
  const ends = () =>
    sockets.sue.heard.filter(({ name }) => name === 'item_closed').flatMap(({ args }) => args[0] as never);
  await until('all closings', () => ends().length === 4);
  announced = new Map(ends().map((end: { lot: string }) => [end.lot, end]) as never);
  await until('the witness', async () => (await house.operator.witnessed(house.house)).size >= 14);
  exported = await gavel(
    ['export', '--out', file, '--log', house.dmsUrl, '--trusted-service-url', house.serviceUrl, '--root', root()],
    {},
  );
}, 60_000);
afterAll(() => house.close());

describe('gavel export', () => {
  it('writes a journal that holds, and says how much', () => {
    expect(exported).toMatchObject({ code: 0, err: expect.stringMatching(/^Wrote \d+ records, \d+ bytes, to /) });
    const { data } = linesOf(exported.out).at(-1);
    expect(data).toMatchObject({ holds: true, house: house.house, lots: 4, bytes: readFileSync(file).length });
  });
});

describe('gavel verify', () => {
  it('with a file and a fingerprint finds every lot as it was announced', async () => {
    const { code, out, err } = await verify(file);
    expect([code, err]).toEqual([0, '']);
    const lots = linesOf(out)
      .filter(({ type }) => type === 'lot')
      .map(({ data }) => data);
    expect(lots.map(({ title, outcome, hammerPrice, bids }) => [title, outcome, hammerPrice, bids])).toEqual([
      ['Oak desk', 'sold', 150, 4],
      ['Lamp', 'sold', 200, 1],
      ['Nobody\u2019s chair', 'unsold', undefined, 0],
      ['Clock', 'sold', 300, 3],
    ]);
    for (const { lot, outcome, hammerPrice, pseudonym, closedAt } of lots)
      expect(announced.get(lot)).toMatchObject({
        outcome,
        at: closedAt,
        ...(hammerPrice && { hammerPrice, pseudonym }),
      });
    expect(linesOf(out).at(-1)).toMatchObject({
      type: 'verdict',
      data: { holds: true, witnessed: { size: expect.any(Number) } },
    });
  });

  it('reads the same from the house itself', async () => {
    const env = { GAVEL_DMS_URL: house.dmsUrl, GAVEL_TRUSTED_SERVICE_URL: house.serviceUrl, GAVEL_ROOT: root() };
    const { code, out } = await gavel(['verify'], env);
    expect(code).toBe(0);
    const lotsOf = (text: string) =>
      linesOf(text)
        .filter(({ type }) => type === 'lot')
        .map(({ data }) => data);
    expect(lotsOf(out)).toEqual(lotsOf((await verify(file)).out));
  });
});

/** The lines of the bundle, changed by what is given. */
async function tampered(change: (lines: string[]) => string[]): Promise<{ code: number; finding: unknown }> {
  const path = join(folder, `${Math.random()}.jsonl`);
  writeFileSync(
    path,
    change(readFileSync(file, 'utf8').trimEnd().split('\n'))
      .map((line) => `${line}\n`)
      .join(''),
  );
  const { code, out } = await verify(path);
  return { code, finding: linesOf(out).find(({ type }) => type === 'finding')?.data };
}

/** Where the record of this position is. */
const lineOf = (lines: readonly string[], position: number) =>
  lines.findIndex(
    (_, index) => lines.slice(0, index + 1).filter((line) => line.startsWith('{"record"')).length === position,
  );

describe('a copy in which somebody', () => {
  it('flipped a bit of a record', async () => {
    const found = await tampered((lines) => {
      const at = lineOf(lines, 5);
      return lines.with(at, lines[at]!.replace('"commitment":"', '"commitment":"A').replace(/.("})$/, '$1'));
    });
    expect(found).toMatchObject({
      code: 6,
      finding: { rule: expect.stringMatching(/record-(changed|malformed)/), position: 5 },
    });
  });

  it.each([[6], [7]])('dropped record %i', async (position) => {
    const found = await tampered((lines) => lines.toSpliced(lineOf(lines, position), 1));
    expect(found).toMatchObject({ code: 6, finding: { rule: 'record-missing', position } });
  });

  it('swapped two records', async () => {
    const found = await tampered((lines) => {
      const at = lineOf(lines, 6);
      return lines.with(at, lines[at + 1]!).with(at + 1, lines[at]!);
    });
    expect(found).toMatchObject({ code: 6, finding: { rule: 'record-missing', position: 6 } });
  });

  it('cut off the end', async () => {
    const found = await tampered((lines) => lines.slice(0, lineOf(lines, 9)));
    expect(found).toMatchObject({ code: 6, finding: { rule: 'record-missing', position: 9 } });
  });
});
