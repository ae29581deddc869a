/**
 * Whoever reads the audit journal learns no secret and no name, and not who had what stamped. Shown for whatever was done:
 * each value that is printed is of a kind that may be there, and one that is known to be harmless.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOfText } from '../../shared/crypto/digest.ts';
import { ProtocolError } from '../../shared/errors.ts';
import { PROFILES } from '../../shared/pki/certificate-profile.ts';
import { type Certificate, parseCertificate } from '../../shared/pki/verify-certificate.ts';
import { RevocationReason } from '../../shared/wire/http-endpoints.ts';
import type { TimestampToken } from '../../shared/wire/timestamp-token.ts';
import { runAudit } from '../../trusted-service/commands/audit.ts';
import { formsOf } from '../support/files-in.ts';
import { runCommand } from '../trusted-service/commands/command-run.ts';
import { Sale } from '../trusted-service/disclosure/sale.ts';
import { TestParticipant } from '../trusted-service/test-participant.ts';
import { OPERATOR_TOKEN, TestService } from '../trusted-service/test-service.ts';

const PEOPLE = 3;

/** What is done, by whom, and a word to do it with. */
interface Act {
  readonly what: (typeof ACTS)[number];
  readonly who: number;
  readonly word: string;
}

const ACTS = ['enrol', 'renew', 'token', 'stamp', 'revoke', 'withdraw', 'invite', 'jump', 'sell'] as const;

const act: fc.Arbitrary<Act> = fc.record({
  what: fc.constantFrom(...ACTS),
  who: fc.nat(PEOPLE - 1),
  word: fc.stringMatching(/^[a-z]{10,16}$/),
});

/** A service that lives through acts, and what may be told of it and what may not. */
class Life {
  readonly service: TestService;
  readonly secrets = new Set<string>([OPERATOR_TOKEN, 'PRIVATE', 'BEGIN', 'seller', 'winner', 'example.org']);
  /** Keys, certificates, lots, houses, tokens: by the names that everybody may hear. */
  readonly harmless = new Set<unknown>();
  readonly #people: TestParticipant[];
  readonly #words = new Map<TestParticipant, string>();
  #code: string | undefined;

  constructor(service: TestService) {
    this.service = service;
    this.#people = Array.from({ length: PEOPLE }, () => new TestParticipant(service));
    this.harmless.add(service.authority);
    this.#lookAtOwnCertificates();
  }

  async act({ what, who, word }: Act): Promise<void> {
    try {
      await this.#acts[what](this.#people[who]!, word);
    } catch (error) {
      // Stories hold nonsense too: a token before enrolling, a name that is taken. It must leave no trace either.
      if (!(error instanceof ProtocolError)) throw error;
    }
    // A journey in time renews them.
    this.#lookAtOwnCertificates();
  }

  readonly #acts: Readonly<Record<Act['what'], (person: TestParticipant, word: string) => Promise<void>>> = {
    enrol: async (person, word) => {
      const username = this.#words.get(person) ?? word;
      this.#words.set(person, username);
      const invite = this.#code ?? word;
      const request = { csr: await person.csr(), username, contact: `${word}-contact`, invite };
      this.#keepSecret(username, request.contact, request.csr, invite);
      person.certificate = this.#mayBeTold((await this.service.client.signCsr(request)).certificate);
    },
    renew: (person, word) => this.#acts.enrol(person, word),
    token: async (person) => {
      const { certificate } = person;
      const proof = await person.proof({ iat: (await this.service.client.clock()).time });
      this.#keepSecret(proof);
      const { token } = await this.service.client.issue({ certificate, proof });
      this.#keepSecret(token, token.split('.')[2]!);
      this.harmless.add(claimsOf(token)['jti']);
    },
    stamp: async (person, word) => {
      const statement = await person.sign('command+jwt', { word });
      this.#keepSecret(statement, word);
      this.#keepStamp(statement, await this.service.client.timestamp(digestOfText(statement)));
      this.#keepStamp(`${word}-nonce-0123`, await this.service.client.time(`${word}-nonce-0123`));
    },
    revoke: async (person) => {
      const proof = await person.revocationProof({ iat: (await this.service.client.clock()).time });
      this.#keepSecret(proof);
      const stranger = this.service.connect();
      try {
        await stranger.revoke({ serial: person.serial, reason: 'superseded', proof });
      } finally {
        await stranger.close();
      }
    },
    withdraw: async (person) => {
      await this.service.client.revoke({ serial: person.serial, reason: 'keyCompromise' });
    },
    invite: async (_, note) => {
      const { codes } = await this.service.client.makeInvites({ count: 2, note });
      this.#keepSecret(note, ...codes, ...codes.map((code) => code.replaceAll('-', '')));
      this.#code = codes[0];
    },
    jump: async (_, word) => {
      await this.service.client.setTime(this.service.machine.time + word.length * 60_000);
    },
    sell: async () => {
      const sale = await Sale.prepare(this.service);
      for (const { certificate } of [sale.seller, sale.winner, sale.node]) this.#mayBeTold(certificate);
      for (const name of [sale.house, sale.lot]) this.harmless.add(name);
      const evidence = await sale.play();
      for (const { statement, timestamp } of [evidence.listing, evidence.bid]) {
        this.#keepSecret(statement);
        this.#keepStamp(statement, timestamp);
      }
      this.#keepSecret(...Object.values(await this.service.client.disclose(await sale.request(evidence))));
    },
  };

  #keepSecret(...texts: readonly string[]): void {
    for (const text of texts) this.secrets.add(text);
  }

  #keepStamp(stamped: string, { batch, path }: TimestampToken): void {
    this.#keepSecret(digestOfText(stamped), String(claimsOf(batch)['root']), batch, ...path);
  }

  #mayBeTold<Pem extends string>(pem: Pem): Pem {
    const { subject, sha256, serialHex }: Certificate = parseCertificate(pem);
    for (const name of [subject, sha256, serialHex]) this.harmless.add(name);
    return pem;
  }

  #lookAtOwnCertificates(): void {
    const keys = join(this.service.home, 'trusted-service/keys');
    for (const name of readdirSync(keys)) {
      if (name.endsWith('.pem')) this.#mayBeTold(readFileSync(join(keys, name), 'utf8'));
    }
  }
}

function claimsOf(jws: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(jws.split('.')[1]!, 'base64url').toString());
}

const isNumber = (value: unknown) => Number.isSafeInteger(value);
const oneOf =
  (...words: readonly unknown[]) =>
  (value: unknown) =>
    words.includes(value);
const isHarmless = (value: unknown, { harmless }: Life) => harmless.has(value);

/** Every member that an event may have, and its values. Think of what it gives away before you add one. */
const MEMBERS: Readonly<Record<string, (value: unknown, life: Life) => boolean>> = {
  ...Object.fromEntries(
    ['number', 'at', 'epoch', 'time', 'offsetMs', 'notBefore', 'notAfter'].map((n) => [n, isNumber]),
  ),
  ...Object.fromEntries(['first', 'count', 'expiresAt', 'invite'].map((name) => [name, isNumber])),
  ...Object.fromEntries(['authority', 'serial', 'subject', 'sha256', 'issuer', 'jti'].map((n) => [n, isHarmless])),
  ...Object.fromEntries(['house', 'lot', 'node'].map((name) => [name, isHarmless])),
  type: oneOf(
    ...['service-started', 'clock-changed', 'certificate-issued', 'enrolled', 'invites-made', 'certificate-revoked'],
    ...['token-issued', 'sale-disclosed'],
  ),
  by: oneOf('service', 'operator', 'owner', 'node'),
  clock: oneOf('real', 'simulated'),
  cause: oneOf('start', 'set', 'reset'),
  registration: oneOf('open', 'invite'),
  profile: oneOf(...Object.keys(PROFILES)),
  reason: oneOf(...RevocationReason.options),
  again: oneOf(true, false),
  hosts: (value) => Array.isArray(value) && value.every(oneOf('localhost', '127.0.0.1')),
  // Its own chain, which is checked where it is printed.
  hash: (value) => /^[0-9a-f]{64}$/.test(String(value)),
};

/** The members that should not be there, with their values. */
function strangersIn(event: Record<string, unknown>, life: Life): unknown[] {
  return Object.entries(event).filter(([name, value]) => MEMBERS[name]?.(value, life) !== true);
}

/** Prints the journal in both ways and looks at all of it. Returns the types of its events. */
async function readJournal(life: Life): Promise<string[]> {
  const { home } = life.service;
  const printed = await runCommand((io) => runAudit({ home }, io));
  const table = await runCommand((io) => runAudit({ home }, io), {}, true);
  expect([printed.exitCode, table.exitCode]).toEqual([0, 0]);
  const events = printed.lines.slice(0, -1).map((line) => JSON.parse(line));
  expect(events.flatMap((event) => strangersIn(event, life))).toEqual([]);
  const all = printed.stdout + table.stdout;
  for (const secret of life.secrets) {
    const found = formsOf(Buffer.from(secret)).filter((form) => all.includes(form.toString()));
    expect(found, secret).toEqual([]);
  }
  return events.map(({ type }) => type);
}

describe('the audit journal', () => {
  it('tells no secret, no name and no imprint, whatever was done', async () => {
    const seen = new Set<string>();
    const story = fc.array(act, { minLength: 8, maxLength: 24 });
    const tells = fc.asyncProperty(story, fc.constantFrom('open', 'invite'), async (acts, registration) => {
      const service = await TestService.start({ registration });
      try {
        const life = new Life(service);
        for (const one of acts) await life.act(one);
        for (const type of await readJournal(life)) seen.add(type);
      } finally {
        await service.stop();
      }
    });
    await fc.assert(tells, { numRuns: 12 });
    // Stories of nothing but nonsense would show nothing.
    expect(seen.size).toBeGreaterThan(6);
  }, 60_000);
});
