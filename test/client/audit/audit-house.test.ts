import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { auditHouse } from '../../../client/audit/audit-house.ts';
import { exitCodeFor } from '../../../client/exit-codes.ts';
import { encodeBase64url } from '../../../shared/bytes.ts';
import type { LotId } from '../../../shared/wire/vocabulary.ts';
import { type Lies, serveLog } from '../../support/log-server.ts';
import { SigningHouse, type Step, termsAt } from '../../support/signing-house.ts';

const STEPS: readonly Step[] = [
  { kind: 'listed', lot: 'desk', at: 0, serial: 1, terms: termsAt() },
  { kind: 'listed', lot: 'lamp', at: 10, serial: 2, terms: termsAt() },
  ...Array.from({ length: 300 }, (_, n): Step => {
    return { kind: 'bid', lot: 'desk', at: 100 * n + 100, serial: 10 + n, amount: 100 + 10 * n, closesAt: 60_000 };
  }),
];
let house: SigningHouse;
let closing: () => void = () => undefined;
beforeAll(async () => {
  house = await (await SigningHouse.create()).record(STEPS);
});
afterEach(() => closing());

async function audit(lies: Lies = {}, lot?: string) {
  const { log: dmsUrl, trustedServiceUrl, servers } = await serveLog(house, lies);
  closing = () => {
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
  };
  const told: number[] = [];
  const address = { dmsUrl, trustedServiceUrl, root: house.root, signal: new AbortController().signal };
  const wish = {
    ...(lot === undefined ? {} : { lot: lot as LotId }),
    onProgress: ({ records }: { records: number }) => void told.push(records),
  };
  return { told, audit: auditHouse(address, wish) };
}

describe('the audit of a house', () => {
  it('says what holds, lot by lot, and how far it has come', async () => {
    const { audit: audited, told } = await audit();
    expect(await audited).toMatchObject({
      checkpoint: { size: 302 },
      records: 302,
      witnessed: { size: 302 },
      lots: [
        { number: 1, bids: 300 },
        { number: 2, bids: 0 },
      ],
    });
    expect(told).toEqual([256, 302]);
  });

  it('answers for one lot, though it reads all', async () => {
    const { audit: audited } = await audit({}, house.lot('lamp'));
    expect(await audited).toMatchObject({ records: 302, lots: [{ number: 2 }] });
  });

  it('ends at the first record that does not hold, whichever lot was asked about', async () => {
    const changed: Lies = {
      entries: (from, page) => ({
        from,
        entries: page.map((entry, index) =>
          from + index === 40 ? { ...entry, commitment: encodeBase64url(new Uint8Array(32)) } : entry,
        ),
      }),
    };
    const { audit: audited } = await audit(changed, house.lot('lamp'));
    const error = await audited.catch((cause: unknown) => cause);
    expect(error).toMatchObject({
      code: 'journal-broken',
      detail: expect.stringMatching(/^Record 40 .*record-changed/),
    });
    expect(exitCodeFor(error)).toBe(6);
  });
});
