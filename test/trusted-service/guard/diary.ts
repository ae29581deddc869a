/** What somebody was told by a service, in a life of it or in many: nothing of it may be lost, given twice or out of order. */
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { encodeBase64url } from '../../../shared/bytes.ts';
import { verifyRevocationList } from '../../../shared/pki/revocation-list.ts';
import { type Certificate, parseCertificate } from '../../../shared/pki/verify-certificate.ts';
import { readStamp } from '../../../shared/timestamp/timestamp-token.ts';
import { verifyTimestampResponse } from '../../../shared/timestamp/verify-timestamp-response.ts';
import { PATHS } from '../../../shared/wire/http-endpoints.ts';
import type { CompactJws, Digest } from '../../../shared/wire/vocabulary.ts';
import { runAudit } from '../../../trusted-service/commands/audit.ts';
import { sha256 } from '../../support/forge-timestamp.ts';
import { refusalOf } from '../../support/refusal.ts';
import { runCommand } from '../commands/command-run.ts';
import { TestParticipant } from '../test-participant.ts';
import { CERT_REQ, query } from '../timestamp-authority/ask-timestamp.ts';
import type { MortalService } from './mortal-service.ts';

const DIGEST = sha256(Buffer.from('a document'));
const IMPRINT = encodeBase64url(DIGEST) as Digest;

interface Known {
  readonly name: string;
  readonly participant: TestParticipant;
  revoked: boolean;
}

export class Diary {
  readonly #known: Known[] = [];
  readonly #serials: number[] = [];
  readonly #stamps: { readonly epoch: number; readonly at: number }[] = [];
  readonly #lists: number[] = [];
  #spent: { readonly by: TestParticipant; readonly proof: CompactJws } | undefined;

  /** One of everything, in order. What is answered is noted at once; the rest may have been done, or not. */
  async useAll(service: MortalService): Promise<void> {
    await this.#stamp(service);
    const known = await this.#enrol(service);
    const { participant } = known;
    const proof = await participant.proof();
    await service.client.issue({ certificate: participant.certificate, proof });
    this.#spent = { by: participant, proof };
    await this.#stampRfc3161(service);
    const [former] = this.#known.filter(({ revoked }) => !revoked);
    if (former === undefined || former === known) return;
    await service.client.revoke({ serial: former.participant.serial, reason: 'superseded' });
    former.revoked = true;
    await this.#stamp(service);
  }

  /** The last proof that was accepted is not accepted again, by the life that comes next. */
  async replay({ client }: MortalService): Promise<void> {
    if (this.#spent === undefined) return;
    const { by, proof } = this.#spent;
    const again = await refusalOf(client.issue({ certificate: by.certificate, proof }));
    expect(['proof-replayed', 'proof-expired', 'certificate-revoked']).toContain(again);
  }

  /** Asks a service that lives on whether it knows everything, and looks through its journal. */
  async demandNothingLost(service: MortalService, home: string): Promise<void> {
    this.#demandOrder();
    const list = await this.#list(service);
    for (const { name, participant, revoked } of this.#known) {
      const request = { certificate: participant.certificate, proof: await participant.proof() };
      expect(await refusalOf(service.client.issue(request)), name).toBe(revoked ? 'certificate-revoked' : undefined);
      if (revoked) expect(list.revocations.isRevoked(list.issuer, participant.serial), name).toBe(true);
      expect(await refusalOf(new TestParticipant(service).enrol(name)), name).toBe('username-taken');
    }
    await demandWholeJournal(
      home,
      this.#known.map(({ participant }) => participant.serial),
    );
  }

  get size(): number {
    return this.#known.length;
  }

  #demandOrder(): void {
    expect(this.#serials).toEqual([...new Set(this.#serials)].toSorted((a, b) => a - b));
    expect(this.#lists).toEqual(this.#lists.toSorted((a, b) => a - b));
    this.#stamps.slice(1).forEach(({ epoch, at }, index) => {
      const before = this.#stamps[index]!;
      expect(epoch > before.epoch || (epoch === before.epoch && at >= before.at)).toBe(true);
    });
  }

  async #stamp({ client }: MortalService): Promise<void> {
    const { serial, epoch, at } = readStamp(await client.timestamp(IMPRINT));
    this.#serials.push(serial);
    this.#stamps.push({ epoch, at });
  }

  async #stampRfc3161({ url, root }: MortalService): Promise<void> {
    const headers = { 'content-type': 'application/timestamp-query' };
    const body = Buffer.from(query(DIGEST, CERT_REQ));
    const answer = await fetch(url + PATHS.timestamp, { method: 'POST', headers, body });
    const reply = new Uint8Array(await answer.arrayBuffer());
    this.#serials.push((await verifyTimestampResponse(reply, { root, imprint: IMPRINT, nonce: 'none' })).serial);
  }

  async #enrol(service: MortalService): Promise<Known> {
    const name = `n${randomUUID().replaceAll('-', '').slice(0, 12)}`;
    const known = { name, participant: await TestParticipant.enrolled(service, name), revoked: false };
    this.#known.push(known);
    return known;
  }

  async #list({ client, url }: MortalService) {
    const keySet = await client.keySet();
    const issuer = issuerIn(keySet);
    const der = new Uint8Array(await (await fetch(url + PATHS.crl)).arrayBuffer());
    const revocations = verifyRevocationList(der, issuer, Date.now());
    this.#lists.push(revocations.number);
    return { revocations, issuer };
  }
}

/** The journal holds, has each of these certificates once, and no serial twice. */
export async function demandWholeJournal(home: string, serials: readonly string[] = []): Promise<void> {
  const { exitCode, stdout } = await runCommand((io) => runAudit({ home, json: true }, io));
  expect(exitCode).toBe(0);
  const issued = stdout
    .split('\n')
    .filter((line) => line.includes('"certificate-issued"'))
    .map((line) => String(JSON.parse(line).serial));
  expect(new Set(issued).size).toBe(issued.length);
  for (const serial of serials) expect(issued).toContain(serial);
}

function issuerIn({ keys }: { readonly keys: readonly { readonly x5c: readonly string[] }[] }): Certificate {
  const der = keys[0]?.x5c[1] ?? '';
  return parseCertificate(`-----BEGIN CERTIFICATE-----\n${der.replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`);
}
