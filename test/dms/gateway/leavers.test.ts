import { expect, it } from 'vitest';
import { Leavers } from '../../../dms/gateway/leavers.ts';
import { createLog } from '../../../dms/log.ts';

it('who goes in one turn of the event loop has one line, whoever goes later another', async () => {
  const lines: { ended: unknown; sessions: number; msg: string }[] = [];
  let left = 300;
  const leavers = new Leavers(createLog({ write: (line) => void lines.push(JSON.parse(line)) }), () => left);
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const many = Array.from({ length: 300 }, (_, n) => ({ session: `session ${n}`, reason: 'transport close' }));
  for (const one of many) {
    left -= 1;
    leavers.add(one);
  }
  expect(lines).toEqual([]);
  await turn();
  const late = { session: 'late', reason: 'ping timeout' };
  leavers.add(late);
  await turn();
  await turn();
  expect(lines.map(({ ended, sessions, msg }) => [ended, sessions, msg])).toEqual([
    [many, 0, 'sessions ended'],
    [[late], 0, 'sessions ended'],
  ]);
});
