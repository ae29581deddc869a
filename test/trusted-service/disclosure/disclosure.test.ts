import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { decodeBase64url, utf8 } from '../../../shared/bytes.ts';
import { digestOfText } from '../../../shared/crypto/digest.ts';
import { generateSealingKey, openSealed } from '../../../shared/crypto/ecies.ts';
import { parseJws, verifyJws } from '../../../shared/crypto/jws.ts';
import { ProtocolError } from '../../../shared/errors.ts';
import { verifyKeySet } from '../../../shared/pki/trust-anchors.ts';
import { Disclosure } from '../../../shared/wire/announcements.ts';
import { PATHS, type SaleEvidence } from '../../../shared/wire/http-endpoints.ts';
import { HouseId, Instant, LotId } from '../../../shared/wire/vocabulary.ts';
import { refusalOf } from '../../support/refusal.ts';
import { createTestAuthority } from '../../support/test-authority.ts';
import { certifiedNode, TestParticipant } from '../test-participant.ts';
import { TestService } from '../test-service.ts';
import { GRACE_MS, MINUTE_MS, type Plot, Sale } from './sale.ts';

const DAY_MS = 24 * 3_600_000;

let service: TestService;
let sale: Sale;
beforeAll(async () => {
  service = await TestService.start();
});
beforeEach(async () => {
  await service.client.resetTime();
  sale = await Sale.prepare(service);
});
afterAll(() => service.stop());

/** Opens an envelope and verifies what is in it. */
async function open(envelope: string, by: TestParticipant): Promise<Disclosure> {
  const sealed = decodeBase64url(envelope);
  const statement = utf8.decode(await openSealed(by.agreement, sealed!));
  const { time } = await service.client.clock();
  const { token } = verifyKeySet(await service.client.keySet(), service.root, time);
  const { kid } = parseJws(statement, 'disclosure+jwt', Disclosure);
  return verifyJws(statement, { typ: 'disclosure+jwt', key: token.get(kid)!, schema: Disclosure });
}

const disclose = async (evidence: SaleEvidence, changes: object = {}, by = sale.node) =>
  service.client.disclose(await sale.request(evidence, changes, by));

/** The code, and the name of the check that said no. */
async function noFor(evidence: SaleEvidence, changes: object = {}, by = sale.node): Promise<string> {
  try {
    await disclose(evidence, changes, by);
    return 'disclosed';
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return error.code === 'evidence-invalid' ? `evidence-invalid ${error.detail}` : error.code;
  }
}

describe('/api/disclose', () => {
  it('tells each party who the other one is, and nobody else', async () => {
    const envelopes = await disclose(await sale.play());
    const { lot, seller, winner } = sale;
    expect(await open(envelopes.seller, seller)).toEqual({
      iss: service.authority,
      lot,
      role: 'winner',
      subject: winner.signer.kid,
      username: expect.stringMatching(/^winner-/),
      certificate: winner.certificate,
    });
    expect(await open(envelopes.winner, winner)).toMatchObject({
      role: 'seller',
      subject: seller.signer.kid,
      username: expect.stringMatching(/^seller-/),
      contact: 'seller@example.org',
      certificate: seller.certificate,
    });
    expect(await refusalOf(open(envelopes.seller, winner))).toBe('envelope-unreadable');
    expect(await refusalOf(open(envelopes.winner, seller))).toBe('envelope-unreadable');
    expect(envelopes.seller.length).toBeLessThan(8_192);
  });

  it('says the same again, also after a restart, a renewal and another contact, to the newest agreement key', async () => {
    const evidence = await sale.play();
    const first = await open((await disclose(evidence)).seller, sale.seller);
    await service.restart();
    const former = sale.seller.agreement;
    sale.seller.agreement = generateSealingKey();
    const { username } = await open((await disclose(evidence)).winner, sale.winner);
    await sale.seller.enrol(username, 'elsewhere@example.org');
    const again = await disclose(evidence);
    expect(await open(again.seller, sale.seller)).toEqual(first);
    expect((await open(again.winner, sale.winner)).contact).toBe('seller@example.org');
    sale.seller.agreement = former;
    expect(await refusalOf(open(again.seller, sale.seller))).toBe('envelope-unreadable');
  });

  it('discloses one sale of a lot for ever', async () => {
    const evidence = await sale.play();
    await disclose(evidence);
    await service.client.resetTime();
    const other = await sale.play({ bidder: await TestParticipant.enrolled(service, `other-${sale.lot.slice(0, 8)}`) });
    expect(await noFor(other)).toBe('disclosure-conflict');
    // Another bid of the same winner is another sale as well.
    expect(await noFor(await sale.play({ bid: { amount: 13_000 } }))).toBe('disclosure-conflict');
    expect(await noFor(evidence)).toBe('disclosed');
  });

  it('discloses one sale where two are asked for at once', async () => {
    const evidence = await sale.play();
    const other = await sale.play({ bid: { amount: 13_000 } });
    const outcomes = await Promise.all([noFor(evidence), noFor(other)]);
    expect(outcomes.toSorted()).toEqual(['disclosed', 'disclosure-conflict']);
  });

  it('takes certificates that have expired since, and keys that were withdrawn since', async () => {
    const evidence = await sale.play();
    await service.client.setTime(sale.begin + 2 * DAY_MS);
    await service.client.revoke({ serial: sale.winner.serial, reason: 'cessationOfOperation' });
    expect(await noFor(evidence)).toBe('disclosed');
  });

  it.each<[string, Plot]>([
    ['a bid at the very listing', { bidAt: MINUTE_MS }],
    ['a bid at the last moment', { bidAt: 10 * MINUTE_MS - 1 }],
    ['the starting price', { bid: { amount: 10_000 } }],
    ['a closing at the end of the extension', { closesAt: 12 * MINUTE_MS, bidAt: 11 * MINUTE_MS }],
    ['no extension', { terms: { extension: undefined } }],
  ])('accepts %s', async (_what, plot) => {
    expect(await noFor(await sale.play(plot))).toBe('disclosed');
  });
});

describe('evidence that is refused: a story that went otherwise', () => {
  it.each<[string, Plot]>([
    ['listing-type', { listing: { type: 'bid', lot: randomUUID(), terms: digestOfText('x'), amount: 1 } }],
    ['listing-house', { listing: { aud: randomUUID() } }],
    ['bid-house', { bid: { aud: randomUUID() } }],
    ['listing-lot', { listing: { id: randomUUID() } }],
    ['bid-lot', { bid: { lot: randomUUID() } }],
    ['bid-terms', { bid: { terms: digestOfText('other terms') } }],
    ['bid-terms', { listing: { increment: 501 } }],
    ['bid-amount', { bid: { amount: 9_999 } }],
    ['bid-before-listing', { listedAt: 5 * MINUTE_MS + 1 }],
    ['bid-after-closing', { bidAt: 10 * MINUTE_MS }],
    ['closing-before-terms', { closesAt: 10 * MINUTE_MS - 1 }],
    ['closing-beyond-terms', { closesAt: 12 * MINUTE_MS + 1 }],
    ['closing-beyond-terms', { closesAt: 10 * MINUTE_MS + 1, terms: { extension: undefined } }],
    ['closing-not-over', { closedAt: 10 * MINUTE_MS + GRACE_MS - 1 }],
  ])('%s %j', async (check, plot) => {
    // A statement of one type has the fields of that type alone.
    const only = check === 'listing-type' ? { ...plot, listing: asBid(plot.listing) } : plot;
    expect(await noFor(await sale.play(only))).toBe(`evidence-invalid ${check}`);
  });

  it('bidder-is-seller', async () => {
    expect(await noFor(await sale.play({ bidder: sale.seller }))).toBe('evidence-invalid bidder-is-seller');
  });

  it('bid-type', async () => {
    const evidence = await sale.play();
    expect(await noFor({ ...evidence, bid: { ...evidence.listing } })).toBe('evidence-invalid bid-type');
  });

  it('the key was withdrawn before', async () => {
    const bidder = await TestParticipant.enrolled(service, `early-${sale.lot.slice(0, 8)}`);
    await service.client.revoke({ serial: bidder.serial, reason: 'keyCompromise' });
    expect(await noFor(await sale.play({ bidder }))).toBe('evidence-invalid bid-revoked');
  });

  it('the certificate had expired before', async () => {
    const plot = { bidAt: DAY_MS + MINUTE_MS, closesAt: DAY_MS + 2 * MINUTE_MS };
    const closing = { closesAt: sale.begin + DAY_MS + 2 * MINUTE_MS, extension: undefined };
    expect(await noFor(await sale.play({ ...plot, terms: closing }))).toBe(
      'evidence-invalid bid-certificate: certificate-expired',
    );
  });

  it('the party is of another authority', async () => {
    const foreign = await createTestAuthority(service.machine.time);
    const { certificate, keys } = await foreign.issue('participant');
    const bidder = Object.assign(new TestParticipant(service), { keys, certificate: certificate.pem });
    expect(await noFor(await sale.play({ bidder }))).toBe('evidence-invalid bid-certificate: certificate-untrusted');
  });

  it('the stamps are of another kind of clock', async () => {
    const evidence = await sale.play();
    const request = await sale.request(evidence, { iat: service.machine.time });
    await service.restart({ clock: 'real' });
    expect(await refusalOf(service.client.disclose(request))).toBe('evidence-invalid');
    await service.restart({ clock: 'simulated' });
  });
});

describe('evidence that is refused: parts exchanged', () => {
  const exchange: Record<string, (evidence: SaleEvidence) => Promise<object> | object> = {
    'listing-timestamp: timestamp-not-for-statement': ({ listing, bid }) => ({
      listing: { ...listing, timestamp: bid.timestamp },
    }),
    'bid-timestamp: timestamp-not-for-statement': ({ listing, bid }) => ({
      bid: { ...bid, timestamp: listing.timestamp },
    }),
    'closing-timestamp: timestamp-not-for-statement': ({ closing }) => ({
      closing: { ...closing, nonce: `${closing.nonce}x` },
    }),
    'closing-timestamp: timestamp-invalid': ({ closing }) => ({
      closing: { ...closing, timestamp: { ...closing.timestamp, batch: broken(closing.timestamp.batch) } },
    }),
    'listing-signature: signature-invalid': ({ listing }) => ({
      listing: { ...listing, certificate: sale.winner.certificate },
    }),
    'bid-signature: signature-invalid': ({ bid }) => ({ bid: { ...bid, certificate: sale.seller.certificate } }),
    'bid-certificate: certificate-untrusted': ({ bid }) => ({ bid: { ...bid, certificate: sale.node.certificate } }),
    'bid-certificate: certificate-malformed': ({ bid }) => ({ bid: { ...bid, certificate: 'x' } }),
    'listing-lot': () => ({ lot: LotId.parse(randomUUID()) }),
    'bid-after-closing': () => ({ closesAt: Instant.parse(sale.begin) }),
  };

  it.each(Object.keys(exchange))('%s', async (check) => {
    const evidence = await sale.play();
    const changed = { ...evidence, ...(await exchange[check]!(evidence)) };
    expect(await noFor(changed)).toBe(`evidence-invalid ${check}`);
  });

  it('a statement with a broken signature, properly stamped', async () => {
    const evidence = await sale.play();
    const statement = broken(evidence.bid.statement);
    await sale.travel(5 * MINUTE_MS);
    const timestamp = await service.client.timestamp(digestOfText(statement));
    const changed = { ...evidence, bid: { ...evidence.bid, statement, timestamp } };
    expect(await noFor(changed)).toBe('evidence-invalid bid-signature: signature-invalid');
  });

  it('a proof of possession in place of a statement', async () => {
    const evidence = await sale.play();
    const statement = await sale.winner.proof();
    await sale.travel(5 * MINUTE_MS);
    const timestamp = await service.client.timestamp(digestOfText(statement));
    const changed = { ...evidence, bid: { ...evidence.bid, statement, timestamp } };
    expect(await noFor(changed)).toBe('evidence-invalid bid-signature: signature-invalid');
  });
});

describe('a request that is refused', () => {
  it.each<[string, () => object | Promise<object>]>([
    ['evidence-invalid request-audience', () => ({ aud: 'sha256:00' })],
    ['evidence-invalid request-house', () => ({ iss: randomUUID() })],
    ['evidence-invalid request-digest', () => ({ evidence: digestOfText('other evidence') })],
    ['proof-expired', async () => ({ iat: (await service.client.clock()).time - 60_001 })],
    ['proof-expired', async () => ({ iat: (await service.client.clock()).time + 60_001 })],
    ['malformed', () => ({ more: 1 })],
  ])('%s', async (code, changes) => {
    expect(await noFor(await sale.play(), await changes())).toBe(code);
  });

  it('of another house', async () => {
    const other = await certifiedNode(service, HouseId.parse(randomUUID()));
    expect(await noFor(await sale.play(), {}, other)).toBe('evidence-invalid request-house');
  });

  it('of a participant', async () => {
    expect(await noFor(await sale.play(), {}, sale.seller)).toBe('certificate-untrusted');
  });

  it('of a node that was withdrawn, or whose certificate has expired', async () => {
    const evidence = await sale.play();
    await service.client.setTime(sale.begin + 9 * DAY_MS);
    expect(await noFor(evidence)).toBe('certificate-expired');
    await sale.travel(11 * MINUTE_MS);
    await service.client.revoke({ serial: sale.node.serial, reason: 'keyCompromise' });
    expect(await noFor(evidence)).toBe('certificate-revoked');
  });

  it('by another key than the certificate’s, or as another kind of statement', async () => {
    const evidence = await sale.play();
    const good = await sale.request(evidence);
    const forged = await sale.request(
      evidence,
      {},
      Object.assign(new TestParticipant(service), { certificate: good.certificate }),
    );
    expect(await refusalOf(service.client.disclose(forged))).toBe('signature-invalid');
    const request = await sale.node.proof();
    expect(await refusalOf(service.client.disclose({ ...good, request }))).toBe('signature-invalid');
  });

  it('with evidence that is too long', async () => {
    const answer = await service.post(PATHS.disclose, { evidence: 'x'.repeat(100_000) });
    expect([answer.status, answer.code]).toEqual([413, 'frame-too-large']);
  });
});

/** Everything that a listing has, taken away again. */
function asBid(bid: object | undefined): object {
  const gone = ['title', 'currency', 'startingPrice', 'increment', 'closesAt', 'extension'];
  return { ...Object.fromEntries(gone.map((name) => [name, undefined])), ...bid };
}

/** The same text with another signature. */
function broken<Text extends string>(jws: Text): Text {
  const [header, claims, signature = ''] = jws.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  bytes[10]! ^= 1;
  return [header, claims, bytes.toString('base64url')].join('.') as Text;
}
