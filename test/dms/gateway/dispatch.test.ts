/** The one wrapper round every handler: whatever happens inside, nothing is thrown at the library that called. */
import { expect, it } from 'vitest';
import { type Connection, createDispatch, type Handler } from '../../../dms/gateway/dispatch.ts';
import { createLog } from '../../../dms/log.ts';
import { ProtocolError } from '../../../shared/errors.ts';
import { invariant } from '../../../shared/invariant.ts';
import { until } from '../../support/until.ts';

const OURS = new TypeError('ours');
const fails =
  (error: unknown): Handler['serve'] =>
  () =>
    Promise.reject(error);
const throws =
  (error: unknown): Handler['serve'] =>
  () => {
    throw error;
  };
const broken: Handler['serve'] = async () => invariant(false, 'this holds') as never;

it.each<[string, Handler, answer: object | undefined, failures: number]>([
  ['refuses', { serve: fails(new ProtocolError('malformed')) }, { outcome: 'refused', code: 'malformed' }, 0],
  ['throws a refusal', { serve: throws(new ProtocolError('malformed')) }, { outcome: 'refused', code: 'malformed' }, 0],
  ['fails', { serve: fails(OURS) }, { outcome: 'refused', code: 'internal' }, 0],
  ['throws', { serve: throws(OURS) }, { outcome: 'refused', code: 'internal' }, 0],
  ['breaks an invariant', { serve: broken }, undefined, 1],
  [
    'fails when the answer is out',
    { serve: async () => ({}), after: () => throws(OURS)({} as never, 0) as never },
    {},
    1,
  ],
])('a handler that %s', async (_what, handler, expected, count) => {
  const failures: unknown[] = [];
  const answers: object[] = [];
  const log = createLog({ write: () => undefined });
  const dispatch = createDispatch({
    handlers: new Map([['ask', handler]]),
    log,
    onFailure: (error) => void failures.push(error),
  });
  const packet = ['ask', 1, (answer: object) => answers.push(answer)];
  expect(dispatch({} as Connection, packet)).toBe(true);
  await until('its end', () => failures.length + answers.length >= (expected === undefined ? 0 : 1) + count);
  expect(answers).toEqual(expected === undefined ? [] : [expected]);
  expect(failures).toHaveLength(count);
});
