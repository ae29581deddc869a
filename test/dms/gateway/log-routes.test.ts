import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeBase64url, equalBytes, utf8 } from '../../../shared/bytes.ts';
import { parseJws } from '../../../shared/crypto/jws.ts';
import { type Checkpoint, verifyCheckpoint } from '../../../shared/journal/checkpoint.ts';
import { leafHashOf } from '../../../shared/journal/record.ts';
import { verifyConsistency } from '../../../shared/merkle/consistency.ts';
import { rootFromInclusion } from '../../../shared/merkle/inclusion.ts';
import {
  CheckpointAnswer,
  CheckpointClaims,
  EntriesAnswer,
  type LogEntry,
  PathAnswer,
} from '../../../shared/wire/log.ts';
import type { Participant } from '../../support/participant.ts';
import type { Answer, RawSocket } from '../../support/raw-socket.ts';
import { referenceRoot } from '../../support/reference-merkle.ts';
import { TestNode } from '../../support/test-node.ts';

let node: TestNode;
let bidder: Participant;
let socket: RawSocket;
let lot: Awaited<ReturnType<TestNode['list']>>;
const answers: Answer[] = [];
beforeAll(async () => {
  node = await TestNode.start();
  const seller = await node.service.participant();
  bidder = await node.service.participant();
  const sellers = (await node.enter(seller)).socket;
  lot = await node.list(seller, sellers);
  socket = (await node.enter(bidder)).socket;
  for (const amount of [10_000, 10_100, 10_200, 10_300]) answers.push(await node.bid(bidder, socket, lot, amount));
});
afterAll(() => node.stop());

const get = async (path: string, headers: Record<string, string> = {}) => {
  const reply = await fetch(`${node.url}${path}`, { headers });
  const text = await reply.text();
  const { status } = reply;
  return {
    status,
    body: text === '' ? undefined : JSON.parse(text),
    caching: reply.headers.get('cache-control'),
    tag: reply.headers.get('etag'),
  };
};
const bytes = (text: string) => decodeBase64url(text)!;
const leafOf = ({ record, commitment }: LogEntry) =>
  leafHashOf({ publicPart: utf8.encode(record), commitment: bytes(commitment) });

async function checkpoint(): Promise<Checkpoint> {
  const { witnessed: _, ...signed } = CheckpointAnswer.parse((await get('/log/checkpoint')).body);
  return verifyCheckpoint(signed, node.service.authority.root.certificate);
}

describe('the public log', () => {
  it('has a checkpoint over everything that is recorded, and the records that make its root', async () => {
    const { size, root, house } = await checkpoint();
    expect([size, house]).toEqual([5, node.house.house]);
    const { from, entries } = EntriesAnswer.parse((await get('/log/entries?from=1')).body);
    expect([from, entries.length]).toEqual([1, 5]);
    const data = entries.map(({ record, commitment }) => Buffer.concat([utf8.encode(record), bytes(commitment)]));
    expect(referenceRoot(data)).toEqual(root);
  });

  it('proves every record in every tree, and that each tree continues the one before', async () => {
    const { entries } = EntriesAnswer.parse((await get('/log/entries?from=1')).body);
    const heads = [1, 2, 3, 4, 5].map((size) => ({ size, root: rootAt(entries, size) }));
    for (const { size, root } of heads) {
      for (let position = 1; position <= size; position++) {
        const { path } = PathAnswer.parse((await get(`/log/inclusion?position=${position}&size=${size}`)).body);
        expect(rootFromInclusion(leafOf(entries[position - 1]!), position - 1, size, path.map(bytes))).toEqual(root);
      }
      for (const earlier of heads.filter((head) => head.size <= size)) {
        const { path } = PathAnswer.parse((await get(`/log/consistency?from=${earlier.size}&to=${size}`)).body);
        verifyConsistency(earlier, { size, root }, path.map(bytes));
      }
    }
  });

  it('gives each accepted command a receipt, which continues the one before', async () => {
    const { root } = node.service.authority;
    let before: Checkpoint | undefined;
    for (const { position, receipt } of answers) {
      const chain = (await get('/log/checkpoint')).body.chain;
      const shown = await verifyCheckpoint({ checkpoint: receipt.checkpoint, chain }, root.certificate);
      const found = rootFromInclusion(leafOf(receipt), position - 1, shown.size, receipt.path.map(bytes));
      expect(equalBytes(found, shown.root)).toBe(true);
      if (before !== undefined) {
        expect(receipt.continues.from).toBe(before.size);
        verifyConsistency(before, shown, receipt.continues.path.map(bytes));
      }
      before = shown;
    }
    expect(answers).toHaveLength(4);
  });

  it('never has two roots of one size, whoever asks how often', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, checkpoint));
    expect(new Set(all.map(({ size, root }) => `${size} ${Buffer.from(root).toString('hex')}`)).size).toBe(1);
    // And signs once for all of them.
    expect(new Set(all.map(({ signed }) => signed.checkpoint)).size).toBe(1);
  });

  it('signs anew what is old, with the same root: whoever has the certificate of today can verify it', async () => {
    const before = await checkpoint();
    node.service.clock.advance(11 * 60_000);
    await node.admission.time.sync();
    const after = await checkpoint();
    expect([after.size, after.root]).toEqual([before.size, before.root]);
    expect(after.time - before.time).toBeGreaterThanOrEqual(11 * 60_000);
  });
});

describe('its answers', () => {
  it.each([
    '/log/entries?from=1&limit=2',
    '/log/entries?from=4&limit=2',
    '/log/inclusion?position=2&size=3',
    '/log/consistency?from=1&to=5',
  ])('about what is finished may be kept for ever: %s', async (path) => {
    const { status, caching, tag } = await get(path);
    expect([status, caching]).toEqual([200, 'public, max-age=31536000, immutable']);
    expect(await get(path, { 'if-none-match': tag! })).toMatchObject({ status: 304, body: undefined, tag });
  });

  it.each(['/log/checkpoint', '/log/entries?from=4', '/log/entries?from=6', '/log/entries?from=99&limit=1'])(
    'about what goes on have to be asked for again: %s',
    async (path) => {
      const { status, caching, tag } = await get(path);
      expect([status, caching]).toEqual([200, 'no-cache']);
      expect(await get(path, { 'if-none-match': tag! })).toMatchObject({ status: 304 });
      expect(await get(path, { 'if-none-match': '"other"' })).toMatchObject({ status: 200 });
    },
  );

  it('come in pages', async () => {
    const pages = await Promise.all([1, 3, 5].map((from) => get(`/log/entries?from=${from}&limit=2`)));
    expect(pages.map(({ body }) => body.entries.length)).toEqual([2, 2, 1]);
    const all = (await get('/log/entries?from=1&limit=256')).body.entries;
    expect(pages.flatMap(({ body }) => body.entries)).toEqual(all);
  });

  it.each([
    ['/log/checkpoint?x=1', 400, 'malformed'],
    ['/log/entries', 400, 'malformed'],
    ['/log/entries?from=0', 400, 'malformed'],
    ['/log/entries?from=-1', 400, 'malformed'],
    ['/log/entries?from=1.5', 400, 'malformed'],
    ['/log/entries?from=01', 400, 'malformed'],
    ['/log/entries?from=1e3', 400, 'malformed'],
    ['/log/entries?from=%201', 400, 'malformed'],
    ['/log/entries?from=99999999999999999999', 400, 'malformed'],
    ['/log/entries?from=1&limit=0', 400, 'malformed'],
    ['/log/entries?from=1&limit=257', 400, 'malformed'],
    ['/log/entries?from=1&from=2', 400, 'malformed'],
    ['/log/entries?from=1&__proto__=2', 400, 'malformed'],
    ['/log/inclusion?position=1', 400, 'malformed'],
    ['/log/inclusion?position=0&size=1', 400, 'malformed'],
    ['/log/inclusion?position=3&size=2', 400, 'malformed'],
    ['/log/inclusion?position=1&size=6', 404, 'log-too-short'],
    ['/log/consistency?from=0&to=1', 400, 'malformed'],
    ['/log/consistency?from=2&to=1', 400, 'malformed'],
    ['/log/consistency?from=1&to=900719925474099', 404, 'log-too-short'],
    ['/log/', 404, 'not-found'],
  ])('to %s are refused with %i %s', async (path, status, code) => {
    const answer = await get(path);
    expect(answer).toMatchObject({ status, body: { code, status }, caching: 'no-store' });
  });

  it('are not given under another name, to web pages, or to writers', async () => {
    expect(await get('/log/checkpoint', { origin: 'https://evil.example' })).toMatchObject({ status: 403 });
    expect((await fetch(`${node.url}/log/checkpoint`, { method: 'POST' })).status).toBe(404);
  });

  it('hold a checkpoint of the form of the protocol', async () => {
    const { checkpoint: text } = (await get('/log/checkpoint')).body;
    expect(Object.keys(parseJws(text, 'checkpoint+jwt', CheckpointClaims).claims)).toEqual([
      'house',
      'size',
      'root',
      'time',
    ]);
    expect(node.failures).toEqual([]);
  });
});

function rootAt(entries: readonly LogEntry[], size: number): Uint8Array {
  return referenceRoot(
    entries.slice(0, size).map(({ record, commitment }) => Buffer.concat([utf8.encode(record), bytes(commitment)])),
  );
}
