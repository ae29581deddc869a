import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeBase64url, utf8 } from '../../../shared/bytes.ts';
import { canonicalJson } from '../../../shared/canonical-json.ts';
import { digestOfTerms, digestOfText } from '../../../shared/crypto/digest.ts';
import { createJwsSigner, signJws } from '../../../shared/crypto/jws.ts';
import { verifyCheckpoint } from '../../../shared/journal/checkpoint.ts';
import { encodePath } from '../../../shared/journal/receipt.ts';
import { encodeRecord, leafHashOf, type PublicRecord } from '../../../shared/journal/record.ts';
import { type KnownSale, type PlacedOpening, verifyOpening } from '../../../shared/journal/verify-opening.ts';
import { LotTerms } from '../../../shared/wire/commands.ts';
import type { Opening } from '../../../shared/wire/opening.ts';
import type { Amount, HouseId, LotId, Position, Pseudonym } from '../../../shared/wire/vocabulary.ts';
import { refusalOf } from '../../support/refusal.ts';
import { LOG_TIME, SignedLog } from '../../support/signed-log.ts';
import { someImprints, stampBatch } from '../../support/stamp.ts';
import { type Issued, TEST_HOUSE } from '../../support/test-authority.ts';

const LOT = randomUUID() as string as LotId;
const ELSEWHERE = randomUUID() as string as LotId;
const TERMS = LotTerms.parse({ title: 'Desk', currency: 'EUR', startingPrice: 1, increment: 1, closesAt: LOG_TIME });
const BID = {
  v: 1,
  aud: TEST_HOUSE,
  id: randomUUID(),
  type: 'bid',
  lot: LOT,
  terms: digestOfTerms(TERMS),
  amount: 120,
};
const LISTING = { v: 1, aud: TEST_HOUSE, id: LOT, type: 'list', ...TERMS };

let log: SignedLog;
let winner: Issued;
let other: Issued;
let renewed: Issued;
beforeAll(async () => {
  log = await SignedLog.create();
  [winner, other] = [await log.authority.issue('participant'), await log.authority.issue('participant')];
  const { certificate } = await log.authority.issue('participant', { publicKey: winner.keys.publicKey });
  renewed = { certificate, keys: winner.keys };
  await log.bid(7);
});

interface Change {
  readonly claims?: object;
  readonly by?: Issued;
  /** Whose certificate and subject lie in the private part. */
  readonly held?: Issued;
  readonly told?: object;
  readonly typ?: 'command+jwt' | 'proof+jwt';
  readonly private?: object;
}

/** A house records something and opens it. */
async function opened(kind: 'bid' | 'listed' = 'bid', change: Change = {}): Promise<PlacedOpening> {
  const { by = winner, held = winner } = change;
  const claims = { ...(kind === 'bid' ? BID : LISTING), ...change.claims };
  const statement = await signJws(createJwsSigner(by.keys), change.typ ?? 'command+jwt', claims);
  const [timestamp] = await stampBatch(createJwsSigner(by.keys), someImprints(1));
  const pseudonym = randomUUID() as string as Pseudonym;
  const common = { v: 1, lot: LOT, pseudonym, imprint: digestOfText(statement), timestamp: timestamp! } as const;
  const content =
    kind === 'bid'
      ? { kind, amount: 120 as Amount, closesAt: LOG_TIME, withheld: false }
      : ({ kind, terms: TERMS } as const);
  const { pem: certificate, subject } = held.certificate;
  const parts = { kind: 'signed', statement, certificate, subject, ...change.private } as never;
  const told = { ...common, ...content, ...change.told } as PublicRecord;
  const record = encodeRecord(told, parts, crypto.getRandomValues(new Uint8Array(32)));
  log.tree.append(leafHashOf(record));
  const position = log.tree.size as Position;
  const opening: Opening = {
    position,
    record: utf8.decode(record.publicPart),
    commitment: encodeBase64url(record.commitment),
    salt: encodeBase64url(record.salt),
    privatePart: utf8.decode(record.privatePart),
  };
  return placed(opening);
}

async function placed(opening: Opening): Promise<PlacedOpening> {
  const checkpoint = await verifyCheckpoint(await log.checkpoint(), log.authority.root.certificate);
  return { opening, path: encodePath(log.tree.inclusion(opening.position - 1, checkpoint.size)), checkpoint };
}

function sale(role: 'winner' | 'seller' = 'winner', changes: Partial<KnownSale> = {}): KnownSale {
  const { subject, pem: certificate } = winner.certificate;
  return { lot: LOT, hammerPrice: 120 as Amount, counterparty: { role, subject, certificate }, ...changes };
}

describe('an opening', () => {
  it("shows the seller the winner's signed bid, and the winner the seller's signed listing", async () => {
    expect((await verifyOpening(await opened(), sale())).claims).toMatchObject({ type: 'bid', amount: 120, lot: LOT });
    const { claims } = await verifyOpening(await opened('listed'), sale('seller'));
    expect(claims).toMatchObject({ type: 'list', title: 'Desk' });
  });

  it.each<[string, () => Promise<PlacedOpening>]>([
    ['by another key under the name of the party', () => opened('bid', { by: other })],
    ['by somebody else', () => opened('bid', { by: other, held: other })],
    [
      'by somebody else under the subject of the party',
      () => opened('bid', { by: other, held: other, private: { subject: winner.certificate.subject } }),
    ],
    ['under another certificate of the same key', () => opened('bid', { held: renewed })],
    ['under another subject', () => opened('bid', { private: { subject: other.certificate.subject } })],
    ['of another amount', () => opened('bid', { claims: { amount: 119 }, told: { amount: 119 } })],
    ['of another amount than was recorded', () => opened('bid', { told: { amount: 121 } })],
    ['on another lot', () => opened('bid', { claims: { lot: ELSEWHERE }, told: { lot: ELSEWHERE } })],
    ['on another lot than was recorded', () => opened('bid', { claims: { lot: ELSEWHERE } })],
    ['for another house', () => opened('bid', { claims: { aud: randomUUID() } })],
    ['of the other kind', () => opened('listed')],
    ['of another signature', () => opened('bid', { typ: 'proof+jwt' })],
    ['of another statement', () => opened('bid', { told: { imprint: digestOfText('another') } })],
    ['of what nobody signed', async () => placedNone()],
  ])('%s is refused', async (_what, open) => {
    expect(await refusalOf(verifyOpening(await open(), sale()))).toBe('opening-invalid');
  });

  it.each<[keyof Opening, (good: Opening) => unknown]>([
    ['salt', ({ commitment }) => commitment],
    ['commitment', ({ salt }) => salt],
    ['privatePart', ({ privatePart }) => `${privatePart} `],
    ['record', ({ record }) => record.replace('"withheld":false', '"withheld":true')],
    ['position', ({ position }) => position - 1],
  ])('whose %s was changed on the way is refused', async (field, change) => {
    const { opening } = await opened();
    const changed = await placed({ ...opening, [field]: change(opening) });
    expect(await refusalOf(verifyOpening(changed, sale()))).toBe('opening-invalid');
  });

  it('of a listing with other terms than were recorded, or of another lot, is refused', async () => {
    const other = await opened('listed', { claims: { title: 'Chair' } });
    expect(await refusalOf(verifyOpening(other, sale('seller')))).toBe('opening-invalid');
    const lot = await opened('listed', { claims: { id: ELSEWHERE }, told: { lot: ELSEWHERE } });
    expect(await refusalOf(verifyOpening(lot, sale('seller')))).toBe('opening-invalid');
  });

  it('of a journal that was not signed is refused', async () => {
    const good = await opened();
    const root = new Uint8Array(32);
    const unsigned = { ...good, checkpoint: { ...good.checkpoint, root } };
    expect(await refusalOf(verifyOpening(unsigned, sale()))).toBe('opening-invalid');
    const foreign = { ...good, checkpoint: { ...good.checkpoint, house: randomUUID() as string as HouseId } };
    expect(await refusalOf(verifyOpening(foreign, sale()))).toBe('opening-invalid');
  });
});

/** A record whose private part is empty. */
async function placedNone(): Promise<PlacedOpening> {
  const { record, position } = await log.bid(120);
  return placed({
    position,
    record: utf8.decode(record.publicPart),
    commitment: encodeBase64url(record.commitment),
    salt: encodeBase64url(record.salt),
    privatePart: utf8.decode(canonicalJson({ kind: 'none' })),
  });
}
