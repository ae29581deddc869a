import { describe, expect, it } from 'vitest';
import { createLogRoutes } from '../../../dms/gateway/log-routes.ts';
import { type PublicBytes, PublicLog } from '../../../dms/proof/public-log.ts';
import { MAX_LOG_PAGE_BYTES } from '../../../shared/wire/limits.ts';
import { EntriesAnswer, LOG_PATHS } from '../../../shared/wire/log.ts';
import type { Position } from '../../../shared/wire/vocabulary.ts';
import { refusalOf } from '../../support/refusal.ts';

/** A log of records of this many bytes each, whose reading waits for `gate`. */
function entriesOf(bytes: number, count: number, { end = count, gate = Promise.resolve() } = {}) {
  const record = { publicPart: new Uint8Array(bytes).fill(0x20), commitment: new Uint8Array(32) };
  const log = new PublicLog();
  for (let index = 0; index < count; index++)
    log.append({ ...record, salt: record.commitment, privatePart: record.commitment });
  const checkpoints = { latest: async () => ({}), covering: async () => ({}), signedSize: count as Position } as never;
  const publicRecords = async (after: Position, limit: number): Promise<PublicBytes[]> => {
    await gate;
    return Array.from({ length: Math.min(limit, count - after) }, () => record);
  };
  const house = { log, publicPosition: end as Position, publicRecords };
  const route = createLogRoutes({ house, checkpoints, witness: { newest: undefined } }).get(LOG_PATHS.entries)!;
  return (query: string) => route(new URLSearchParams(query));
}

const lengthOf = (body: object) => EntriesAnswer.parse(body).entries.length;

describe('a page of the log', () => {
  it('ends where it would be too large, and is final: it ends there for everybody', async () => {
    const entries = entriesOf(20_000, 100);
    const { body, isFinal } = await entries('from=1');
    expect([lengthOf(body), isFinal]).toEqual([Math.floor(MAX_LOG_PAGE_BYTES / 20_000), true]);
    const rest = await entries('from=53');
    expect([lengthOf(rest.body), rest.isFinal]).toEqual([48, false]);
  });

  it('ends before what is withheld, and is not final then', async () => {
    const entries = entriesOf(100, 10, { end: 4 });
    const page = await entries('from=3&limit=5');
    expect([lengthOf(page.body), page.isFinal]).toEqual([2, false]);
    expect(lengthOf((await entries('from=5')).body)).toBe(0);
    expect(await entries('from=3&limit=2')).toMatchObject({ isFinal: true });
  });

  it('is read by four at a time; the fifth is told to come again, and may when one is done', async () => {
    const { promise: gate, resolve } = Promise.withResolvers<void>();
    const entries = entriesOf(100, 10, { gate });
    const four = [1, 2, 3, 4].map((from) => entries(`from=${from}`));
    expect(await refusalOf(entries('from=5'))).toBe('too-many-requests');
    expect(await refusalOf(entries('from=x'))).toBe('malformed');
    resolve();
    expect((await Promise.all(four)).map(({ body }) => lengthOf(body))).toEqual([10, 9, 8, 7]);
    expect(lengthOf((await entries('from=5')).body)).toBe(6);
  });
});
