/** A command that is recorded, and whose receipt can't be signed just then: nobody is told that it was refused. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Instant } from '../../../shared/wire/vocabulary.ts';
import { bidOn } from '../../support/participant.ts';
import type { Answer } from '../../support/raw-socket.ts';
import { TestNode } from '../../support/test-node.ts';
import { until } from '../../support/until.ts';

let node: TestNode;
beforeEach(async () => {
  node = await TestNode.start();
});
afterEach(() => node.stop());

it('is left without an answer, and its repeat gets the receipt', async () => {
  const [alice, bob] = [await node.service.participant(), await node.service.participant()];
  const { lot, terms } = await node.list(alice, (await node.enter(alice)).socket, {
    closesAt: (node.service.now() + 3_600_000) as Instant,
  });
  const { socket } = await node.enter(bob);
  const submit = node.house.submit.bind(node.house);
  node.house.submit = async (...command) => {
    const answer = await submit(...command);
    // From here on the last signed time is too old to sign anything by.
    node.service.clock.advance(5 * 60_000 + 1);
    return answer;
  };
  const frame = await node.frame(bob, socket, bidOn(lot, terms, 20_000));
  const answers: Answer[] = [];
  // The end of the test ends the waiting.
  void socket.ask('command', frame).then(
    (answer) => answers.push(answer),
    () => undefined,
  );
  await until('the end of the request', () => node.log.some((line) => line.includes('"Untold"')));
  expect(node.house.position).toBe(2);

  await node.admission.time.sync();
  await node.admission.revocations.poll(node.admission.time.now());
  expect(await socket.ask('command', frame)).toMatchObject({ outcome: 'accepted', position: 2, lot });
  expect(answers).toEqual([]);
  expect(node.failures).toEqual([]);
});
