/** Those who look at catalogues wait for each other, and nobody else waits for them. */
import { describe, expect, it } from 'vitest';
import { QUESTION_TURNS } from '../../../dms/admission/fair-turns.ts';
import type { Connection } from '../../../dms/gateway/dispatch.ts';
import { createRequestHandlers, type RequestParts } from '../../../dms/gateway/request-handlers.ts';

const { atOnce } = QUESTION_TURNS;

/** A house without lots: what is looked at here is when it answers. */
const parts = {
  house: { lots: new Map(), lotIds: [], lotsBySeller: new Map(), position: 0, isShared: false },
  limits: { takeQuestion: () => undefined },
  demandEntitled: () => undefined,
} as unknown as RequestParts;

function createHall() {
  const query = createRequestHandlers(parts).get('query')!;
  const answered: string[] = [];
  const ask = async (subject: string) => {
    await query.serve({ session: { subject } } as unknown as Connection, { type: 'allitems' });
    answered.push(subject);
  };
  return { answered, ask };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('those who look', () => {
  it('are answered so many in one turn of the event loop, and all in the end', async () => {
    const { answered, ask } = createHall();
    const all = Array.from({ length: 3 * atOnce }, (_, who) => ask(`who ${who}`));
    // Everything has come in.
    await turn();
    const before = answered.length;
    expect(before).toBeLessThanOrEqual(atOnce);
    await turn();
    expect(answered.length - before).toBe(atOnce);
    await Promise.all(all);
    expect(answered).toHaveLength(3 * atOnce);
  });

  it('do not wait for all that somebody else has asked', async () => {
    const { answered, ask } = createHall();
    const all = [...Array.from({ length: 10 * atOnce }, () => ask('greedy')), ask('modest')];
    await Promise.all(all);
    expect(answered.indexOf('modest')).toBeLessThan(3 * atOnce);
  });
});
