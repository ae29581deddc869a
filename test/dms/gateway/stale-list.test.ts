/** A revocation list that has ended: nobody is let in, no command is taken, and everybody who asks is told why. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Instant } from '../../../shared/wire/vocabulary.ts';
import { unreachable } from '../../support/house.ts';
import type { Participant } from '../../support/participant.ts';
import { refusalOf } from '../../support/refusal.ts';
import { TestNode } from '../../support/test-node.ts';

let node: TestNode;
let alice: Participant;
beforeEach(async () => {
  node = await TestNode.start();
  alice = await node.service.participant();
  node.service.listLifeMs = 60_000;
  // Lists have whole seconds.
  node.service.clock.wall -= node.service.clock.wall % 1_000;
  await node.admission.time.sync();
  node.service.revoke('4a');
  await node.admission.revocations.poll(node.admission.time.now());
});
afterEach(() => node.stop());

type Line = { readonly event?: string };
const events = () =>
  node.log.map((line): Line => JSON.parse(line)).filter(({ event }) => /^revocation-list-/.test(event ?? ''));

async function readiness(): Promise<[number, string | undefined]> {
  const reply = await fetch(`${node.url}/readyz`);
  return [reply.status, ((await reply.json()) as { code?: string }).code];
}

it('fails closed from its last millisecond on, says so once in the log, and goes on with the next list', async () => {
  const { socket } = await node.enter(alice);
  const { lot, terms } = await node.list(alice, socket, { closesAt: (node.service.now() + 600_000) as Instant });
  const bob = await node.service.participant();
  const early = await node.enter(bob);
  const answering = node.service.revocationList.bind(node.service);
  node.service.revocationList = () => Promise.reject(unreachable());

  node.service.clock.advance(59_999);
  node.node.sweep();
  expect([await readiness(), events()]).toEqual([[200, undefined], []]);
  expect(await refusalOf(node.connect(await alice.auth()))).toBeUndefined();

  node.service.clock.advance(1);
  for (let time = 0; time < 3; time++) node.node.sweep();
  expect(await readiness()).toEqual([503, 'revocation-list-stale']);
  expect(events()).toMatchObject([{ event: 'revocation-list-stale', level: 50 }]);
  expect(await refusalOf(node.connect(await alice.auth()))).toBe('revocation-list-stale');
  const position = node.house.position;
  expect(await node.bid(bob, early.socket, { lot, terms }, 20_000)).toMatchObject({
    outcome: 'refused',
    code: 'revocation-list-stale',
  });
  expect(node.house.position).toBe(position);

  node.service.revocationList = answering;
  node.service.clock.advance(250);
  expect(await node.bid(bob, early.socket, { lot, terms }, 20_000)).toMatchObject({ outcome: 'accepted' });
  node.node.sweep();
  expect(await readiness()).toEqual([200, undefined]);
  expect(events().map(({ event }) => event)).toEqual(['revocation-list-stale', 'revocation-list-current']);
  expect(node.failures).toEqual([]);
});
