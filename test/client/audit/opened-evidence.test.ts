/** What a party of a sale can show to a third party of the other one: its command, and that the journal is bound to it. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Evidence, OpenedEvidence } from '../../../client/audit/evidence.ts';
import type { Amount } from '../../../shared/wire/vocabulary.ts';
import { gavel } from '../../support/gavel-process.ts';
import { RunningHouse } from '../../support/running-house.ts';
import { until } from '../../support/until.ts';

let house: RunningHouse;
let evidence: Evidence;
let exported: string;
const file = (name: string) => join(house.home, name);

beforeAll(async () => {
  house = await RunningHouse.start();
  const [seller, winner] = [await house.enrolled('sue'), await house.enrolled('wes')];
  const terms = house.terms();
  await seller.list(terms);
  await winner.bid({ lot: 1, amount: 120 as Amount });
  let openings = 0;
  for (const client of [seller, winner]) {
    client.on('opened', () => {
      openings += 1;
    });
  }
  await house.travelPastClosing(terms.closesAt);
  await until('both openings', () => openings === 2);
  mkdirSync(file('sue'));
  symlinkSync(file('client/sue'), file('sue/client'));
  const env = { GAVEL_HOME: file('sue'), GAVEL_TRUSTED_SERVICE_URL: house.serviceUrl };
  exported = (await gavel(['export', '--evidence', '--out', file('evidence.json')], env)).err;
  evidence = JSON.parse(readFileSync(file('evidence.json'), 'utf8'));
}, 60_000);
afterAll(() => house.close());

/** What `gavel verify` finds in the evidence with another opening: one finding or proof for each command. */
async function findings(name: string, changes: Partial<OpenedEvidence> = {}): Promise<object[]> {
  const opened = [{ ...evidence.opened![0]!, ...changes }];
  writeFileSync(file(name), JSON.stringify({ ...evidence, opened }));
  const { out } = await gavel(['verify', '--evidence', file(name), '--root', `sha256:${house.root.sha256}`], {});
  const lines = out.trim().split('\n');
  return lines.map((line) => JSON.parse(line)).map(({ type, data }) => ({ type, ...data }));
}

describe('evidence of a sale', () => {
  it("has the other party's signed bid, and a third party finds it proven", async () => {
    expect(exported).toMatch(/^Wrote 1 commands, .* the other parties of 1 sales/);
    expect(await findings('good.json')).toMatchObject([
      { type: 'proof', command: 'list' },
      { type: 'proof', command: 'bid', amount: 120, opened: true },
    ]);
  });

  it.each<[string, () => Partial<OpenedEvidence>]>([
    ['another salt', () => ({ salt: Buffer.alloc(32).toString('base64url') })],
    ['another private part', () => ({ privatePart: `${evidence.opened![0]!.privatePart} ` })],
  ])('is not believed with %s', async (what, change) => {
    const [own, opened] = await findings(`${what}.json`, change());
    expect([own, opened]).toMatchObject([{ type: 'proof' }, { type: 'finding', rule: 'opening-invalid' }]);
  });

  it('is not believed under the certificate of somebody else', async () => {
    const [, opened] = await findings('other.json', { participant: evidence.participant });
    expect(opened).toMatchObject({ type: 'finding', rule: 'statement-invalid' });
  });
});
