/** What a party of a sale can show to a third party of the other one: its command, and that the journal is bound to it. */

import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Evidence, type OpenedEvidence, verifyOpened } from '../../../client/audit/evidence.ts';
import { encodeBase64url, utf8 } from '../../../shared/bytes.ts';
import { digestOfText } from '../../../shared/crypto/digest.ts';
import { createJwsSigner, signJws } from '../../../shared/crypto/jws.ts';
import { encodePath } from '../../../shared/journal/receipt.ts';
import { encodeRecord, leafHashOf } from '../../../shared/journal/record.ts';
import type { Amount, CertificatePem, CompactJws, Position, Subject } from '../../../shared/wire/vocabulary.ts';
import { gavel } from '../../support/gavel-process.ts';
import { RunningHouse } from '../../support/running-house.ts';
import { SigningHouse, termsAt } from '../../support/signing-house.ts';
import { TEST_HOUSE } from '../../support/test-authority.ts';
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

describe('a house that commits to something else than it says', () => {
  it('has opened nothing of the statement', async () => {
    const signing = await SigningHouse.create();
    const { certificate, keys } = await signing.log.authority.issue('participant');
    const claims = { v: 1, aud: TEST_HOUSE, id: randomUUID(), type: 'list', ...termsAt() };
    const statement = await signJws(createJwsSigner(keys), 'command+jwt', claims);
    const imprint = digestOfText(statement);
    await signing.record([{ kind: 'listed', lot: claims.id, id: claims.id, terms: termsAt(), imprint }]);
    const told = JSON.parse(signing.entries.at(-1)!.record);
    const honest = { statement, subject: certificate.subject };

    const opens = async (held: { statement: CompactJws; subject: Subject }) => {
      const parts = { kind: 'signed', certificate: certificate.pem as CertificatePem, ...held } as const;
      const record = encodeRecord(told, parts, crypto.getRandomValues(new Uint8Array(32)));
      signing.log.tree.append(leafHashOf(record));
      const position = signing.log.tree.size as Position;
      const { checkpoint, chain } = await signing.log.checkpoint();
      const path = encodePath(signing.log.tree.inclusion(position - 1, position));
      const entry = { record: utf8.decode(record.publicPart), commitment: encodeBase64url(record.commitment) };
      const opened: OpenedEvidence = {
        participant: [certificate.pem, signing.log.authority.issuer.certificate.pem] as CertificatePem[],
        command: { v: 1, statement, position, receipt: { ...entry, checkpoint, path }, chain },
        salt: encodeBase64url(record.salt),
        privatePart: utf8.decode(record.privatePart),
      };
      const signers = [signing.chainOf(signing.signer)];
      return verifyOpened({ ...evidence, signers }, opened, signing.root);
    };
    await expect(opens(honest)).resolves.toMatchObject({ isOpened: true });
    for (const change of [{ statement: told.timestamp.batch }, { subject: told.imprint }])
      await expect(opens({ ...honest, ...change })).rejects.toMatchObject({ rule: 'opening-invalid' });
  });
});
