/** The database goes away under load, for seconds: refused is what could not be recorded, and nothing acknowledged is lost. */
import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandId } from '../../shared/wire/vocabulary.ts';
import type { HandParticipant } from '../support/hand-participant.ts';
import { readPostgresJournal } from '../support/journal-records.ts';
import type { Answer, RawSocket } from '../support/raw-socket.ts';
import { until } from '../support/until.ts';
import { expectExactly, startLoad } from './bidding.ts';
import { type NodeName, TwoNodes } from './two-nodes.ts';

const NAMES = ['a', 'b'] as const;
/** How long the database is gone in the longest case. */
const AWAY_MS = 10_000;

let nodes: TwoNodes;
beforeAll(async () => {
  nodes = await TwoNodes.start();
}, 60_000);
afterAll(() => nodes.close());

/** What `/readyz` of a node says. */
async function readiness(name: NodeName): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const agent = new Agent({ ca: nodes.house.root.pem });
  const asked = request(`${nodes.urlOf(name)}/readyz`, { agent }, async (response) => {
    const { status, code } = JSON.parse(Buffer.concat(await response.toArray()).toString());
    resolve(code ?? status);
  });
  asked.on('error', reject).end();
  return promise;
}

type Way = 'frozen' | 'killed' | 'stopped';

async function takeAway(how: Way): Promise<void> {
  const { database } = nodes;
  if (how === 'frozen') database.freeze();
  else await (how === 'killed' ? database.kill() : database.stop());
}

async function bringBack(how: Way): Promise<void> {
  if (how === 'frozen') nodes.database.thaw();
  else await nodes.database.run();
}

/** Somebody with a session at each node, who does not try again by itself. */
class ByHand {
  readonly refused: CommandId[] = [];
  readonly #participant: HandParticipant;
  readonly #sockets: Readonly<Record<NodeName, RawSocket>>;

  private constructor(participant: HandParticipant, sockets: Readonly<Record<NodeName, RawSocket>>) {
    this.#participant = participant;
    this.#sockets = sockets;
  }

  static async enter(name: string): Promise<ByHand> {
    const participant = await nodes.house.participant(name);
    const [a, b] = await Promise.all(
      NAMES.map((node) => nodes.house.rawSocket(participant, undefined, nodes.urlOf(node))),
    );
    return new ByHand(participant, { a: a!, b: b! });
  }

  /** The code of the refusal of a command at this node; none while it has no answer. */
  async command(node: NodeName): Promise<string | undefined> {
    const id = randomUUID() as CommandId;
    const answer = nodes.house.command(this.#participant, this.#sockets[node], {
      type: 'list',
      ...nodes.house.terms(),
      id,
    });
    // What arrives before the trouble is noticed has no answer until it is over: not to be waited for here.
    const given = await Promise.race([
      answer,
      new Promise<undefined>((resolve) => setTimeout(resolve, 500, undefined)),
    ]);
    if (given?.outcome === 'refused') this.refused.push(id);
    return given?.code;
  }

  catalogue(node: NodeName): Promise<Answer> {
    return this.#sockets[node].ask('query', { type: 'allitems' });
  }
}

describe('a database that goes away under load', { timeout: 120_000 }, () => {
  it.each(['frozen', 'killed', 'stopped'] as const)(
    'and is %s: all goes on by itself, exact and whole',
    async (how) => {
      const { house, journal } = nodes;
      const enrol = (who: string, name: NodeName) => house.enrolled(`${who}-${how}`, { dmsUrl: nodes.urlOf(name) });
      const [seller, ...bidders] = await Promise.all([enrol('sue', 'a'), enrol('ann', 'a'), enrol('bob', 'b')]);
      const byHand = await ByHand.enter(`pete-${how}`);
      const { lot } = await nodes.list(seller, 600_000);

      const load = startLoad(bidders, lot);
      await load.more(50);
      const since = performance.now();
      await takeAway(how);
      for (const name of NAMES) {
        await until(`a refusal of node ${name}`, async () => (await byHand.command(name)) === 'journal-unavailable');
        expect(await readiness(name)).toBe('journal-unavailable');
      }
      const before = load.accepted.length;
      while (how === 'frozen' && performance.now() - since < AWAY_MS) {
        for (const name of NAMES) expect(await byHand.command(name)).toBe('journal-unavailable');
      }
      expect(load.accepted.length).toBe(before);
      // Those who are connected still see what is known.
      for (const name of NAMES) expect(await byHand.catalogue(name)).toMatchObject({ outcome: 'accepted' });
      await bringBack(how);

      await load.more(100);
      await load.stop();
      for (const name of NAMES) await until('a node that is ready', async () => (await readiness(name)) === 'ok');
      await expectExactly(journal, load.accepted, lot);
      expect([...load.noes].filter((reason) => reason !== 'bid-below-increment')).toEqual([]);
      const ids = new Set((await readPostgresJournal(journal)).map(({ id }) => id));
      expect(byHand.refused.filter((id) => ids.has(id))).toEqual([]);
      expect(NAMES.map((name) => nodes.node(name).hasEnded)).toEqual([false, false]);
    },
  );

  it('does not keep a node from ending when it is told to', async () => {
    nodes.database.freeze();
    const stopped = await nodes.node('a').stop();
    nodes.database.thaw();
    expect(stopped).toBe(0);
    await nodes.startNode('a');
  });
});
