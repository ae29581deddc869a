import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SessionKeys } from '../../../dms/intake/open-statement.ts';
import { StatementPool } from '../../../dms/intake/statement-pool.ts';
import type { Order } from '../../../dms/intake/statement-worker.ts';
import { digestOfText } from '../../../shared/crypto/digest.ts';
import { generateSealingKey } from '../../../shared/crypto/ecies.ts';
import { ProtocolError } from '../../../shared/errors.ts';
import type { SealedCommand } from '../../../shared/wire/socket-events.ts';
import { createTestService, type TestService } from '../../support/house.ts';
import { bidOn, type Participant, sampleTerms, sealEnvelope } from '../../support/participant.ts';
import { refusalOf } from '../../support/refusal.ts';
import { turnOver } from '../house-fixture.ts';

const THREADS = 2;

let service: TestService;
let pool: StatementPool;

beforeEach(async () => {
  service = await createTestService();
  pool = new StatementPool(THREADS);
});

afterEach(() => pool.close());

/** A participant on a session: its keys as the pool asks for them, and frames that are sealed to it. */
async function enter() {
  const who = await service.participant();
  const sealing = generateSealingKey();
  const keys: SessionKeys = { sealing, subject: who.subject, publicKey: who.certificate.publicKey };
  const seal = async (amount: number, by: Participant = who) => {
    const statement = await by.sign(bidOn(randomUUID(), sampleTerms(service.now()), amount));
    const timestamp = await service.stamp(digestOfText(statement));
    return (await sealEnvelope(sealing.publicKey, { statement, timestamp })) as SealedCommand;
  };
  return { who, session: { keys }, seal };
}

describe('the threads of the intake', () => {
  it('open and verify a statement, with its imprint and where its stamp leads to', async () => {
    const { who, session, seal } = await enter();
    const signed = await pool.open(await seal(700), session);
    expect(signed).toMatchObject({
      ...{ subject: who.subject, claims: { type: 'bid', amount: 700 } },
      ...{ imprint: digestOfText(signed.envelope.statement), climbed: { size: 1 } },
    });
  });

  it('refuse as one thread would', async () => {
    const [one, other] = [await enter(), await enter()];
    const frame = await one.seal(700);
    const refusals = [
      pool.open('AAAA=' as SealedCommand, one.session),
      pool.open(frame, other.session),
      pool.open(await one.seal(700, other.who), one.session),
    ];
    expect(await Promise.all(refusals.map(refusalOf))).toEqual([
      'malformed',
      'envelope-unreadable',
      'statement-not-by-session',
    ]);
    await expect(pool.open(frame, one.session)).resolves.toMatchObject({ subject: one.who.subject });
  });

  it('hand back in the order in which they were asked, whoever is done first', async () => {
    const guests = await Promise.all(Array.from({ length: 5 }, enter));
    const frames = await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        const guest = guests[index % guests.length]!;
        // One in seven can't be opened, which is quick.
        const sealed = await guest.seal(index + 1);
        return { sealed: (index % 7 === 0 ? 'AAAA' : sealed) as SealedCommand, session: guest.session };
      }),
    );
    const settled: number[] = [];
    const note = (index: number) => () => void settled.push(index);
    await Promise.all(
      frames.map(({ sealed, session }, index) => pool.open(sealed, session).then(note(index), note(index))),
    );
    expect(settled).toEqual(frames.map((_, index) => index));
  });

  it('ask a session for its keys once, and again after it was forgotten', async () => {
    const { session, seal } = await enter();
    let asked = 0;
    const counting = {
      get keys() {
        asked += 1;
        if (asked > 1) throw new ProtocolError('session-expired');
        return session.keys;
      },
    };
    await pool.open(await seal(700), counting);
    await pool.open(await seal(701), counting);
    expect(asked).toBe(1);
    pool.forget(counting);
    const late = await seal(702);
    expect(await refusalOf((async () => pool.open(late, counting))())).toBe('session-expired');
  });

  it('are all there after the first answer, and none comes after the end', async () => {
    const guests = [await enter(), await enter(), await enter()];
    const frames = await Promise.all(guests.map(({ seal }) => seal(700)));
    // Node tells of a thread a little later: of the first one before this.
    await turnOver();
    const started = vi.fn();
    process.on('worker', started);
    await pool.open(frames[0]!, guests[0]!.session);
    await turnOver();
    expect(started).toHaveBeenCalledTimes(THREADS - 1);
    for (const [index, { session }] of guests.entries()) await pool.open(frames[index]!, session);
    const short = new StatementPool(THREADS);
    const underWay = short.open(frames[1]!, guests[1]!.session).catch(() => 'ended');
    await short.close();
    expect(await underWay).toBe('ended');
    await turnOver();
    expect(started).toHaveBeenCalledTimes(THREADS);
    process.off('worker', started);
  });

  it('hold no key of a session that is over', async () => {
    const { session, seal } = await enter();
    const sealed = await seal(700);
    const worker = new Worker(new URL('../../../dms/intake/statement-worker.ts', import.meta.url));
    const orders: readonly Order[] = [
      { session: 1, keys: session.keys },
      { session: 1, order: 1, sealed },
    ];
    worker.postMessage(orders);
    expect(await once(worker, 'message')).toMatchObject([[{ order: 1, signed: { claims: { amount: 700 } } }]]);
    const failed = once(worker, 'error');
    worker.postMessage([{ over: 1 }, { session: 1, order: 2, sealed }] satisfies Order[]);
    expect(await failed).toMatchObject([{ message: 'the keys come before what they open' }]);
  });

  it('leave nothing without an answer when they end', async () => {
    const { session, seal } = await enter();
    await pool.open(await seal(700), session);
    const underWay = pool.open(await seal(701), session);
    const ended = expect(underWay).rejects.toThrow('a thread of the intake is gone');
    await pool.close();
    await ended;
  });
});
