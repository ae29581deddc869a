import { describe, expect, it } from 'vitest';
import { ProtocolError, REFUSAL_CODES } from '../../../shared/errors.ts';
import { InvariantViolation, invariant } from '../../../shared/invariant.ts';
import { Problem } from '../../../shared/wire/http-endpoints.ts';
import { describeProblem } from '../../../trusted-service/http/problem.ts';
import { jsonAnswer, type Route } from '../../../trusted-service/http/route.ts';
import { serveRoutes } from '../../../trusted-service/http/serve-routes.ts';
import { createServiceLog } from '../../../trusted-service/service-log.ts';
import { serve } from '../../support/test-server.ts';

async function answerOf(answer: Route['answer']) {
  const log: string[] = [];
  const bugs: Error[] = [];
  const listener = serveRoutes([{ method: 'get', paths: ['/it'], answer }], {
    gatekeeper: () => {},
    log: createServiceLog({ write: (line) => void log.push(line) }),
    onBug: (error) => bugs.push(error),
  });
  await using server = await serve(listener);
  const response = await fetch(`${server.url}/it`);
  return { response, text: await response.text(), log: log.join(''), bugs };
}

describe('a route', () => {
  it('answers', async () => {
    const { response, text, bugs } = await answerOf(() => jsonAnswer({ well: true }));
    expect([response.status, text, bugs]).toEqual([200, '{"well":true}', []]);
  });

  it.each<[string, Route['answer']]>([
    [
      'throws',
      () => {
        throw new ProtocolError('too-many-requests', 'queue');
      },
    ],
    [
      'rejects',
      async () => {
        throw new ProtocolError('too-many-requests', 'queue');
      },
    ],
  ])('that %s a refusal answers with it', async (_what, answer) => {
    const { response, text, log } = await answerOf(answer);
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('1');
    expect(Problem.parse(JSON.parse(text))).toMatchObject({ code: 'too-many-requests', detail: 'queue' });
    expect(log).toBe('');
  });

  it.each<[string, Route['answer']]>([
    [
      'throws',
      () => {
        throw new Error('a secret detail');
      },
    ],
    ['rejects', () => Promise.reject(new TypeError('a secret detail'))],
    [
      'throws no error',
      () => {
        throw 'a secret detail';
      },
    ],
  ])('that %s anything else answers "internal", and logs it', async (_what, answer) => {
    const { response, text, log, bugs } = await answerOf(answer);
    expect(response.status).toBe(500);
    expect(JSON.parse(text).code).toBe('internal');
    expect(text).not.toContain('secret');
    expect(log).toContain('a secret detail');
    expect(bugs).toEqual([]);
  });

  it('whose invariant is broken tells that there is a bug', async () => {
    const { response, bugs } = await answerOf(() => {
      invariant(false, 'the moon is made of stone');
      return jsonAnswer({});
    });
    expect(response.status).toBe(500);
    expect(bugs).toEqual([expect.any(InvariantViolation)]);
  });
});

describe('every refusal', () => {
  it.each(REFUSAL_CODES)('%s has a status, and a type of its own', (code) => {
    const problem = Problem.parse(describeProblem(code));
    expect(problem.status).toBeGreaterThanOrEqual(400);
    expect(problem.type.endsWith(code)).toBe(true);
  });
});
