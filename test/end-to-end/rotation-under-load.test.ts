/** The authority's keys change while everybody works: nobody is refused, and nothing that was signed becomes unverifiable. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DEFAULT_RATES } from '../../dms/admission/rate-limits.ts';
import { digestOfText } from '../../shared/crypto/digest.ts';
import { ProtocolError } from '../../shared/errors.ts';
import { verifyAccessToken } from '../../shared/pki/access-token.ts';
import { findFormerKey } from '../../shared/pki/key-archive.ts';
import { verifyKeySet } from '../../shared/pki/trust-anchors.ts';
import { type Certificate, parseCertificate } from '../../shared/pki/verify-certificate.ts';
import { readStamp } from '../../shared/timestamp/timestamp-token.ts';
import { TimestampVerifier } from '../../shared/timestamp/verify-timestamp.ts';
import { RotationRole } from '../../shared/wire/key-rotation.ts';
import type { TimestampToken } from '../../shared/wire/timestamp-token.ts';
import type { Amount, Digest } from '../../shared/wire/vocabulary.ts';
import type { HandParticipant } from '../support/hand-participant.ts';
import { RunningHouse } from '../support/running-house.ts';
import { until } from '../support/until.ts';

/** Longer than a DMS waits between two questions for an unknown key, as ten minutes are longer than it keeps the set. */
const PUBLICATION_MS = 2_500;
const ROUNDS = 3;

let house: RunningHouse;
beforeEach(async () => {
  // Three people come in again and again, as often as they can.
  const rates = { ...DEFAULT_RATES, entries: { perSecond: 1_000, burst: 1_000 } };
  house = await RunningHouse.start({ clock: 'real', publicationMs: PUBLICATION_MS, rates });
});
afterEach(() => house.close());

interface Load {
  isOver: boolean;
  readonly refusals: unknown[];
  readonly tokens: { token: string; certificate: Certificate }[];
  readonly stamps: { token: TimestampToken; imprint: Digest }[];
  readonly done: Record<string, number>;
}

/** Repeats `work` until the load is over; whatever is refused is kept. */
async function keepDoing(load: Load, name: string, work: () => Promise<unknown>): Promise<void> {
  while (!load.isOver) {
    try {
      await work();
      load.done[name] = (load.done[name] ?? 0) + 1;
    } catch (error) {
      load.refusals.push([name, error instanceof ProtocolError ? error.message : error]);
    }
  }
}

/** Renews the certificate, gets a token, opens a session and leaves it. */
async function logIn(load: Load, person: HandParticipant, username: string): Promise<void> {
  await person.enrol({ username });
  const auth = await person.auth();
  load.tokens.push({ token: auth.token, certificate: person.parsed });
  const socket = await house.bareSocket(auth);
  try {
    const [hello, prove] = [await socket.hello(), await socket.prove(person)];
    for (const { outcome, code } of [hello, prove]) if (outcome !== 'accepted') throw new ProtocolError(code);
  } finally {
    socket.close();
  }
}

/** Goes on in one session with new papers, again and again. */
async function renewing(load: Load, person: HandParticipant, username: string) {
  const socket = await house.rawSocket(person);
  return async () => {
    await person.enrol({ username });
    const token = await person.token();
    load.tokens.push({ token, certificate: person.parsed });
    const answer = await socket.ask('renew', { token, certificate: person.certificate });
    if (answer.outcome !== 'accepted') throw new ProtocolError(answer.code, answer.detail);
  };
}

async function stampSomething(load: Load): Promise<void> {
  const imprint = digestOfText(randomUUID());
  load.stamps.push({ token: await house.operator.timestamp(imprint), imprint });
}

/** A client that bids on a lot of its own rival, each bid higher than the one before. */
async function bidding(accepted: number[], name: string) {
  const [seller, bidder] = [await house.enrolled(`${name}-seller`), await house.enrolled(name)];
  const listing = await seller.list(house.terms({ closesAt: Math.round(house.now()) + 600_000 }));
  if (listing.outcome !== 'accepted') throw new Error(listing.reason);
  let amount = 100;
  return async () => {
    amount += 1;
    const answer = await bidder.bid({ lot: listing.number, amount: amount as Amount });
    if (answer.outcome !== 'accepted') throw new Error(answer.reason);
    accepted.push(answer.position);
  };
}

async function rotateEach(load: Load): Promise<string[]> {
  const former: string[] = [];
  const currentOf = async (role: RotationRole) => {
    const { roles } = await house.operator.rotation();
    return roles.find((each) => each.role === role)!.keys.find(({ state }) => state === 'current')!.kid;
  };
  for (let round = 0; round < ROUNDS; round++) {
    await Promise.all(
      RotationRole.options.map(async (role) => {
        const before = await currentOf(role);
        await house.operator.rotate({ role });
        expect(await currentOf(role), 'a key is published before it is used').toBe(before);
        await until(`another ${role}`, async () => (await currentOf(role)) !== before);
        former.push(before);
      }),
    );
    // Every kind of work meets the new keys.
    const seen = { ...load.done };
    await until('work with these keys', () => Object.keys(seen).every((name) => load.done[name]! > seen[name]! + 2));
  }
  return former;
}

it('refuses nobody, and what was signed by former keys verifies', { timeout: 120_000 }, async () => {
  const load: Load = { isOver: false, refusals: [], tokens: [], stamps: [], done: {} };
  const accepted: number[] = [];
  const people = await Promise.all(
    ['ada', 'bea', 'cem', 'dora'].map(async (name) => [name, await house.participant(name)] as const),
  );
  const [renewer, ...visitors] = people;
  const renew = await renewing(load, renewer![1], renewer![0]);
  const bids = [await bidding(accepted, 'eve'), await bidding(accepted, 'finn')];
  const work = [
    ...visitors.map(([name, person]) => keepDoing(load, `login of ${name}`, () => logIn(load, person, name))),
    keepDoing(load, 'renewal', renew),
    keepDoing(load, 'stamp', () => stampSomething(load)),
    ...bids.map((bid, index) => keepDoing(load, `bid ${index}`, bid)),
  ];
  const former = await rotateEach(load).finally(() => {
    load.isOver = true;
  });
  await Promise.all(work);

  expect(load.refusals).toEqual([]);
  expect(new Set(former).size).toBe(3 * ROUNDS);
  // Every accepted bid is recorded, at its own place.
  expect(new Set(accepted).size).toBe(accepted.length);
  const viewer = await house.rawSocket(people[0]![1]);
  const { lots } = (await viewer.ask('query', { type: 'allitems' })) as unknown as { lots: { bids: number }[] };
  expect(lots.reduce((sum, lot) => sum + lot.bids, 0)).toBe(accepted.length);
  expect(house.failures).toEqual([]);
  await verifyAll(load);
});

async function verifyAll({ tokens, stamps }: Load): Promise<void> {
  const { root, operator } = house;
  const authority = `sha256:${root.sha256}`;
  const at = house.now();
  const keySet = await operator.keySet();
  const { token: keys } = verifyKeySet(keySet, root, at);
  const signers = new Set<string>();
  for (const { token, certificate } of tokens) {
    await verifyAccessToken(token, { keys, authority, at, certificate });
    signers.add(kidOf(token));
  }
  // From the archive alone, as years later.
  const archive = await operator.keyArchive();
  const stampers = new Map(
    stamps.map(({ token }) => {
      const kid = kidOf(token.batch);
      return [kid, findFormerKey(archive, root, { kid, profile: 'timestamp-signer', at: readStamp(token).at })!];
    }),
  );
  const verifier = new TimestampVerifier(() => stampers, authority, 'real');
  for (const { token, imprint } of stamps) await verifier.verify(token, imprint);
  const issuers = new Set(tokens.map(({ certificate }) => certificate.extensions.at(-2)!.encoded.toString()));
  expect([signers.size, stampers.size, issuers.size]).toEqual([ROUNDS + 1, ROUNDS + 1, ROUNDS + 1]);
  for (const text of keySet.issuers!) {
    const issuer = parseCertificate(`-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`);
    expect(await operator.revocationList(undefined, issuer)).not.toBe('unchanged');
  }
}

function kidOf(jws: string): string {
  return JSON.parse(Buffer.from(jws.split('.')[0]!, 'base64url').toString()).kid;
}
