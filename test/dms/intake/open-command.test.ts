import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { COMMAND_TURNS, FairTurns } from '../../../dms/admission/fair-turns.ts';
import { RateLimits } from '../../../dms/admission/rate-limits.ts';
import type { Session } from '../../../dms/admission/session.ts';
import { type IntakeParts, openCommand } from '../../../dms/intake/open-command.ts';
import { statementsHere } from '../../../dms/intake/open-statement.ts';
import { encodeBase64url } from '../../../shared/bytes.ts';
import { digestOfTerms, digestOfText } from '../../../shared/crypto/digest.ts';
import { signP256 } from '../../../shared/crypto/ecdsa.ts';
import { signJws } from '../../../shared/crypto/jws.ts';
import type { Accepted } from '../../../shared/wire/commands.ts';
import { MAX_ENVELOPE_BYTES, TIMESTAMP_MAX_AGE_MS, TIMESTAMP_MAX_LEAD_MS } from '../../../shared/wire/limits.ts';
import { type Instant, Pseudonym, type Subject } from '../../../shared/wire/vocabulary.ts';
import { createTestAdmission, type TestAdmission } from '../../support/admission.ts';
import { createTestService, type TestService, unreachable } from '../../support/house.ts';
import { bidOn, type Participant, sampleTerms, sealEnvelope, statement } from '../../support/participant.ts';
import { refusalOf } from '../../support/refusal.ts';
import { TEST_HOUSE } from '../../support/test-authority.ts';

const LOT = randomUUID();

let service: TestService;
let admission: TestAdmission;
let alice: Participant;
let session: Session;
let parts: IntakeParts;
/** What the house has recorded. */
let recorded: Map<string, { subject: Participant['subject']; answer: Accepted }>;

beforeEach(async () => {
  service = await createTestService();
  admission = await createTestAdmission(service);
  alice = await service.participant();
  ({ session } = await admission.admitted(alice));
  recorded = new Map();
  const { keyring, time, revocations } = admission;
  parts = {
    ...{ keyring, time, revocations, clock: service.clock },
    house: { house: TEST_HOUSE, recorded: (id) => recorded.get(id) },
    limits: new RateLimits(service.clock),
    turns: new FairTurns(),
    newPseudonym: () => Pseudonym.parse(randomUUID()),
    statements: statementsHere,
  };
});

const terms = () => sampleTerms(service.now());
const bid = () => alice.sign(bidOn(LOT, terms(), 12_000));
const seal = (envelope: object, to: Session = session) => sealEnvelope(to.keys.sealing.publicKey, envelope);
const open = (frame: unknown) => openCommand(frame, session, parts);

/** A good envelope around a statement, with `claims` in place of the batch's own. */
async function stamped(text: string, claims: Parameters<TestService['stamp']>[1] = {}) {
  return { statement: text, timestamp: await service.stamp(digestOfText(text), claims) };
}

describe('a good command', () => {
  it('becomes a bid for the rules, with its evidence', async () => {
    const text = await bid();
    const envelope = await stamped(text, { serial: 77 as never });
    const opened = await open(await seal(envelope));
    expect(opened).toMatchObject({
      command: {
        ...{ type: 'bid', lot: LOT, termsDigest: digestOfTerms(terms()), amount: 12_000, subject: alice.subject },
        ...{ at: service.now(), serial: 77, receivedAt: service.now() },
      },
      evidence: { ...envelope, certificate: alice.certificate.pem },
    });
  });

  it('becomes a listing for the rules', async () => {
    const text = await alice.sign({ type: 'list', ...terms() });
    const opened = await open(await seal(await stamped(text)));
    expect(opened).toMatchObject({ command: { type: 'list', terms: terms(), termsDigest: digestOfTerms(terms()) } });
    expect('command' in opened && Object.keys(opened.command)).not.toContain('aud');
  });

  it('gets a pseudonym of its own each time', async () => {
    const pseudonyms = new Set<string>();
    for (let count = 0; count < 5; count += 1) {
      const opened = await open(await seal(await stamped(await bid())));
      if ('command' in opened) pseudonyms.add(opened.command.pseudonym);
    }
    expect(pseudonyms.size).toBe(5);
  });
});

describe('the checks, in their order', () => {
  const oversized = 'A'.repeat(MAX_ENVELOPE_BYTES + 1);
  const rows: [string, string, () => unknown][] = [
    ['a frame that is too large', 'frame-too-large', () => oversized],
    ['no frame', 'malformed', () => undefined],
    ['a number', 'malformed', () => 7],
    ['an object', 'malformed', () => ({ __proto__: null, length: 3 })],
    ['an empty text', 'malformed', () => ''],
    ['text that is not base64url', 'malformed', () => 'no+base64/url=='],
    ['base64url with spare bits', 'malformed', () => `${encodeBase64url(new Uint8Array(100))}`.replace(/.$/, 'B')],
    ['noise', 'envelope-unreadable', () => encodeBase64url(crypto.getRandomValues(new Uint8Array(300)))],
    ['zeros, a low-order point', 'envelope-unreadable', () => encodeBase64url(new Uint8Array(300))],
    ['a few bytes', 'envelope-unreadable', () => encodeBase64url(new Uint8Array(20))],
    [
      'an envelope for another session',
      'envelope-unreadable',
      async () => seal(await stamped(await bid()), (await admission.admitted(alice)).session),
    ],
    [
      'an envelope with one bit flipped',
      'envelope-unreadable',
      async () => flipLastBit(await seal(await stamped(await bid()))),
    ],
    ['null inside', 'malformed', () => seal(null as never)],
    ['one field too many inside', 'malformed', async () => seal({ ...(await stamped(await bid())), admin: true })],
    ['no timestamp', 'malformed', async () => seal({ statement: await bid() })],
    ['a statement that is none', 'malformed', async () => seal(await stamped('a.b.c'))],
    [
      'a statement that was not signed as one',
      'malformed',
      async () => seal(await stamped(await signJws(alice.signer, 'proof+jwt', statement(bidOn(LOT, terms(), 12_000))))),
    ],
    [
      'a bid without terms',
      'malformed',
      async () => seal(await stamped(await alice.sign({ type: 'bid', lot: LOT, amount: 1 }))),
    ],
    [
      'another version',
      'malformed',
      async () => seal(await stamped(await alice.sign({ ...bidOn(LOT, terms(), 1), v: 2 }))),
    ],
    ['an amount of 0', 'malformed', async () => seal(await stamped(await alice.sign(bidOn(LOT, terms(), 0))))],
    ['half a cent', 'malformed', async () => seal(await stamped(await alice.sign(bidOn(LOT, terms(), 100.5))))],
    [
      "somebody else's statement",
      'statement-not-by-session',
      async () => seal(await stamped(await (await service.participant()).sign(bidOn(LOT, terms(), 1)))),
    ],
    ["somebody else's signature under my name", 'signature-invalid', async () => seal(await stamped(await forged()))],
    [
      'a statement for another house',
      'wrong-house',
      async () => seal(await stamped(await alice.sign({ ...bidOn(LOT, terms(), 1), aud: randomUUID() }))),
    ],
    [
      'the timestamp of another statement',
      'timestamp-not-for-statement',
      async () => seal({ ...(await stamped(await bid())), statement: await bid() }),
    ],
    ['a timestamp by a stranger', 'timestamp-invalid', async () => seal(await strangersStamp())],
    [
      'a timestamp that another key of ours signed',
      'timestamp-invalid',
      async () => seal(await stampedByTokenSigner()),
    ],
    [
      'a timestamp of another authority',
      'timestamp-invalid',
      async () => seal(await stamped(await bid(), { iss: 'sha256:00' })),
    ],
    [
      'a timestamp of a simulated clock',
      'timestamp-wrong-clock',
      async () => seal(await stamped(await bid(), { clock: 'simulated' })),
    ],
    [
      'a timestamp of an epoch that is over',
      'timestamp-stale',
      async () => seal(await stamped(await bid(), { epoch: service.epoch - 1 })),
    ],
  ];
  it.each(rows)('refuse %s: %s', async (_what, code, frame) => {
    expect(await refusalOf(open(await frame()))).toBe(code);
  });

  it.each([
    [-TIMESTAMP_MAX_AGE_MS - 1, 'timestamp-stale'],
    [-TIMESTAMP_MAX_AGE_MS, undefined],
    [-TIMESTAMP_MAX_AGE_MS + 1, undefined],
    [0, undefined],
    [TIMESTAMP_MAX_LEAD_MS - 1, undefined],
    [TIMESTAMP_MAX_LEAD_MS, undefined],
    [TIMESTAMP_MAX_LEAD_MS + 1, 'timestamp-ahead'],
  ])('refuse by age: %i ms from the trusted time at arrival: %s', async (by, code) => {
    const envelope = await stamped(await bid(), { time: (service.now() + by) as Instant });
    expect(await refusalOf(open(await seal(envelope)))).toBe(code);
  });

  it('judge the age by when the frame arrived, not by when its turn came', async () => {
    const frame = await seal(await stamped(await bid(), { time: (service.now() - TIMESTAMP_MAX_AGE_MS) as Instant }));
    const opening = open(frame);
    service.clock.advance(60_000);
    const opened = await opening;
    expect('command' in opened && opened.command.receivedAt).toBe(service.now() - 60_000);
  });

  it('judge no command by a session that has ended', async () => {
    const frame = await seal(await stamped(await bid()));
    session.forget();
    expect(await refusalOf(open(frame))).toBe('session-expired');
  });

  it('tell whose turn comes after the end of the session why it ended', async () => {
    const frame = await seal(await stamped(await bid()));
    const turns = new FairTurns<Subject>({ ...COMMAND_TURNS, atOnce: 1, atOnceAhead: 1 });
    const { promise: before, resolve } = Promise.withResolvers<void>();
    void turns.take(alice.subject, () => before);
    const opening = openCommand(frame, session, { ...parts, turns });
    session.end('certificate-revoked');
    resolve();
    expect(await refusalOf(opening)).toBe('certificate-revoked');
  });

  it('judge no command before the handshake, and let it use up nothing', async () => {
    const frame = await seal(await stamped(await bid()));
    ({ session } = await admission.session(alice));
    const limits = { takeCommand: () => expect.unreachable(), countMistake: () => expect.unreachable() };
    expect(await refusalOf(openCommand(frame, session, { ...parts, limits }))).toBe('not-admitted');
  });

  it.each(['certificate-revoked', 'token-expired'])(
    'end a session whose papers are no longer good: %s',
    async (code) => {
      const frame = await seal(await stamped(await bid()));
      if (code === 'certificate-revoked') {
        service.revoke(alice.certificate.serialHex);
      } else {
        service.setTime(service.now() + 16 * 60_000);
        await admission.time.sync();
      }
      await admission.revocations.poll(service.now());
      expect(await refusalOf(open(frame))).toBe(code);
      expect(session.isAdmitted).toBe(false);
    },
  );
});

describe('a repeat', () => {
  const answer = { outcome: 'accepted', position: 5, lot: LOT, number: 1 } as unknown as Accepted;

  it('of a recorded command gets the answer of then, whatever its age', async () => {
    const text = await bid();
    const envelope = await stamped(text, { time: (service.now() - 3_600_000) as Instant });
    recorded.set(idOf(text), { subject: alice.subject, answer });
    expect(await open(await seal(envelope))).toEqual({ repeat: answer });
  });

  it("of somebody else's id is refused", async () => {
    const text = await bid();
    recorded.set(idOf(text), { subject: (await service.participant()).subject, answer });
    expect(await refusalOf(open(await seal(await stamped(text))))).toBe('id-in-use');
  });

  it('must be signed like any other command', async () => {
    const text = await forged();
    recorded.set(idOf(text), { subject: alice.subject, answer });
    expect(await refusalOf(open(await seal(await stamped(text))))).toBe('signature-invalid');
  });
});

describe('when the clock was set and we have not heard of it', () => {
  it('learns the time first, and judges by it', async () => {
    service.setTime(service.now() + 60_000);
    const opened = await open(await seal(await stamped(await bid())));
    expect('command' in opened && opened.command.receivedAt).toBe(service.now());
  });

  it('refuses as long as nobody tells the time', async () => {
    const frame = await seal(await stamped(await bid(), { epoch: service.epoch + 1 }));
    service.trouble = unreachable();
    expect(await refusalOf(open(frame))).toBe('trusted-time-unavailable');
  });

  it('refuses everything when the trusted time is unknown', async () => {
    const frame = await seal(await stamped(await bid()));
    service.clock.advance(6 * 60_000);
    expect(await refusalOf(open(frame))).toBe('trusted-time-unavailable');
  });

  it('learns from a stamp that is ahead, so that the next one is not', async () => {
    const ahead = () => ({ time: (service.now() + TIMESTAMP_MAX_LEAD_MS + 500) as Instant });
    expect(await refusalOf(open(await seal(await stamped(await bid(), ahead()))))).toBe('timestamp-ahead');
    expect(await refusalOf(open(await seal(await stamped(await bid(), ahead()))))).toBeUndefined();
  });
});

describe('limits', () => {
  it('refuse after too many mistakes without any cryptography', async () => {
    const forgery = await seal(await stamped(await forged()));
    for (let count = 0; count < 20; count += 1) expect(await refusalOf(open(forgery))).toBe('signature-invalid');
    let turns = 0;
    const counting: IntakeParts = {
      ...parts,
      turns: {
        take: (_subject, work) => {
          turns += 1;
          return work();
        },
        putBack: () => {},
      },
    };
    expect(await refusalOf(openCommand(forgery, session, counting))).toBe('too-many-requests');
    expect(turns).toBe(0);
  });

  it('let others go before who sent a forgery', async () => {
    const behind: Subject[] = [];
    const turns: IntakeParts['turns'] = { take: (_subject, work) => work(), putBack: (who) => behind.push(who) };
    const noting: IntakeParts = { ...parts, turns };
    const stale = await seal(await stamped(await bid(), { time: (service.now() - 10_000) as Instant }));
    expect(await refusalOf(openCommand(stale, session, noting))).toBe('timestamp-stale');
    expect(behind).toEqual([]);
    expect(await refusalOf(openCommand(await seal(await stamped(await forged())), session, noting))).toBe(
      'signature-invalid',
    );
    expect(behind).toEqual([session.subject]);
  });

  it('count no stale stamp as a mistake', async () => {
    const old = await seal(await stamped(await bid(), { time: (service.now() - 10_000) as Instant }));
    for (let count = 0; count < 50; count += 1) expect(await refusalOf(open(old))).toBe('timestamp-stale');
    expect(await refusalOf(open(await seal(await stamped(await bid()))))).toBeUndefined();
  });
});

/** A statement that names Alice as its signer, by another key. */
async function forged(): Promise<string> {
  const { keys } = await service.participant();
  const signer = { kid: alice.subject, sign: (bytes: Uint8Array) => signP256(keys.privateKey, bytes) };
  return signJws(signer, 'command+jwt', statement(bidOn(LOT, terms(), 12_000)));
}

async function strangersStamp() {
  const stranger = await createTestService(service.clock);
  const text = await bid();
  return { statement: text, timestamp: await stranger.stamp(digestOfText(text), { iss: service.name }) };
}

async function stampedByTokenSigner() {
  const honest = service.signers.timestamp;
  service.signers.timestamp = service.signers.token;
  const envelope = await stamped(await bid());
  service.signers.timestamp = honest;
  return envelope;
}

function idOf(text: string): string {
  return JSON.parse(Buffer.from(text.split('.')[1]!, 'base64url').toString()).id;
}

function flipLastBit(frame: string): string {
  const bytes = Buffer.from(frame, 'base64url');
  bytes[bytes.length - 1]! ^= 1;
  return bytes.toString('base64url');
}
