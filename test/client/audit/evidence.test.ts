/** What a participant can show to a third party, and what a third party can find in it. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Evidence, verifyEvidence } from '../../../client/audit/evidence.ts';
import { encodeBase64url } from '../../../shared/bytes.ts';
import { digestOfText } from '../../../shared/crypto/digest.ts';
import { createJwsSigner, signJws } from '../../../shared/crypto/jws.ts';
import type { Amount, CertificatePem, Position } from '../../../shared/wire/vocabulary.ts';
import { STORE_FILE } from '../../../trusted-service/store/store.ts';
import { copyFolder } from '../../support/copy-folder.ts';
import { gavel } from '../../support/gavel-process.ts';
import { RunningHouse } from '../../support/running-house.ts';
import { SigningHouse, termsAt } from '../../support/signing-house.ts';
import { TEST_HOUSE } from '../../support/test-authority.ts';
import { until } from '../../support/until.ts';

let house: RunningHouse;
let path: string;
let env: Record<string, string>;
// biome-ignore lint/suspicious/noExplicitAny: the tests look into what was printed and change it
type Any = any;
const linesOf = (text: string): Any[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
const exportTo = (out: string, ...more: string[]) => gavel(['export', '--evidence', '--out', out, ...more], env);
const verify = (file: string, ...more: string[]) =>
  gavel(['verify', '--evidence', file, '--root', `sha256:${house.root.sha256}`, ...more], {});

beforeAll(async () => {
  house = await RunningHouse.start();
  const seller = await house.enrolled('sue');
  const bidder = await house.enrolled('ann');
  await seller.list(house.terms());
  await seller.list(house.terms({ title: 'Lamp' }));
  await bidder.allItems();
  await bidder.bid({ lot: 1, amount: 120 as Amount });
  // What the house goes back to, in the end.
  await house.stopDms();
  copyFolder(join(house.home, 'dms'), join(house.home, 'before'));
  await house.startDms();
  await until('the bidder to be back', () => bidder.isUp);
  await bidder.bid({ lot: 2, amount: 130 as Amount });
  const home = join(house.home, 'ann');
  mkdirSync(home);
  symlinkSync(join(house.home, 'client', 'ann'), join(home, 'client'));
  env = { GAVEL_HOME: home, GAVEL_TRUSTED_SERVICE_URL: house.serviceUrl };
  path = join(house.home, 'evidence.json');
});
afterAll(() => house.close());

describe('gavel export --evidence', () => {
  it('writes what this home can prove, and a third party with the fingerprint finds it proven', async () => {
    const exported = await exportTo(path);
    expect(exported).toMatchObject({ code: 0, err: expect.stringMatching(/^Wrote 2 commands, \d+ bytes/) });
    const { code, out } = await verify(path);
    expect(code).toBe(0);
    expect(linesOf(out)).toEqual([
      expect.objectContaining({
        type: 'proof',
        data: expect.objectContaining({ command: 'bid', amount: 120, position: 3 }),
      }),
      expect.objectContaining({
        type: 'proof',
        data: expect.objectContaining({ command: 'bid', amount: 130, position: 4 }),
      }),
    ]);
    expect(out).toBe(exported.out);
  });

  it('writes the commands on one lot alone, where one is named', async () => {
    const lot = linesOf((await verify(path)).out)[1].data.lot;
    const one = join(house.home, 'one.json');
    expect((await exportTo(one, '--lot', lot)).code).toBe(0);
    expect(linesOf((await verify(one)).out).map(({ data }) => data.lot)).toEqual([lot]);
  });

  it('says that there is nothing of another lot, and writes no file', async () => {
    const none = join(house.home, 'none.json');
    expect((await exportTo(none, '--lot', house.house)).code).toBe(2);
    expect(readdirSync(house.home)).not.toContain('none.json');
  });

  it('does not write over a file', async () => {
    expect((await exportTo(path)).code).toBe(2);
  });
});

/** The evidence, changed. */
async function changed(change: (evidence: Any) => void): Promise<{ code: number; rule: string }> {
  const evidence = JSON.parse(readFileSync(path, 'utf8'));
  change(evidence);
  const file = join(house.home, `${Math.random()}.json`);
  writeFileSync(file, JSON.stringify(evidence));
  const { code, out } = await verify(file);
  return { code, rule: linesOf(out)[0].data.rule };
}

describe('evidence in which', () => {
  it.each([
    [
      'statement-invalid',
      'the signature is another',
      (e: Any) => {
        e.commands[0].statement = e.commands[0].statement.replace(/[^.]+$/, (signature: string) =>
          signature.replace(/^./, (c) => (c === 'A' ? 'B' : 'A')),
        );
      },
    ],
    [
      'statement-invalid',
      'somebody else is named',
      (e: Any) => {
        e.participant = e.commands[0].chain;
      },
    ],
    [
      'receipt-invalid',
      'the receipt is of another command',
      (e: Any) => {
        e.commands[0].receipt = e.commands[1].receipt;
      },
    ],
    [
      'receipt-invalid',
      'the position is another',
      (e: Any) => {
        e.commands[0].position = 2;
      },
    ],
    [
      'receipt-invalid',
      'the amount is another',
      (e: Any) => {
        e.commands[0].receipt.record = e.commands[0].receipt.record.replace('120', '121');
      },
    ],
    [
      'checkpoint-invalid',
      'another node is said to have signed',
      (e: Any) => {
        e.commands[0].chain = e.participant;
      },
    ],
    [
      'timestamp-invalid',
      'no signer is shown',
      (e: Any) => {
        e.signers = [];
      },
    ],
  ] as const)('is %s where %s', async (rule, _what, change) => {
    expect(await changed(change)).toEqual({ code: 6, rule });
  });

  it('the root is another than the known one is refused', async () => {
    const other = await gavel(['verify', '--evidence', path, '--root', `sha256:${'ab'.repeat(32)}`], {});
    expect(other).toMatchObject({ code: 6, err: expect.stringContaining('root-differs') });
  });
});

describe('a participant of another root', () => {
  it('proves nothing, even where the house is with it', async () => {
    const [house, foreign] = [await SigningHouse.create(), await SigningHouse.create()];
    const proves = async (issuedBy: SigningHouse) => {
      const { certificate, keys } = await issuedBy.log.authority.issue('participant');
      const claims = { v: 1, aud: TEST_HOUSE, id: randomUUID(), type: 'list', ...termsAt() };
      const statement = await signJws(createJwsSigner(keys), 'command+jwt', claims);
      const imprint = digestOfText(statement);
      await house.record([{ kind: 'listed', lot: claims.id, id: claims.id, terms: termsAt(), imprint }]);
      const position = house.tree.size as Position;
      const { checkpoint, chain } = await house.log.checkpoint();
      const path = house.tree.inclusion(position - 1, position).map(encodeBase64url);
      const receipt = { ...house.entries.at(-1)!, checkpoint, path };
      const evidence: Evidence = {
        ...{ gavel: 'evidence', v: 1, root: house.root.pem as CertificatePem },
        participant: [certificate.pem, issuedBy.log.authority.issuer.certificate.pem] as CertificatePem[],
        signers: [house.chainOf(house.signer)],
        commands: [{ v: 1, statement, position, receipt, chain }],
      };
      return verifyEvidence(evidence, evidence.commands[0]!, house.root);
    };
    await expect(proves(house)).resolves.toMatchObject({ position: 1 });
    await expect(proves(foreign)).rejects.toMatchObject({ rule: 'statement-invalid' });
  });
});

describe('evidence beside a bundle', () => {
  const bundle = (name: string) => join(house.home, name);
  const both = async (name: string) => {
    const { code, out } = await verify(path, '--bundle', bundle(name));
    return {
      code,
      rules: linesOf(out).flatMap(({ type, data }) => (type === 'finding' ? [data.rule, data.position] : [])),
    };
  };
  const exportJournal = async (name: string) => {
    const from = ['--log', house.dmsUrl, '--root', `sha256:${house.root.sha256}`];
    expect(await gavel(['export', '--out', bundle(name), ...from], env)).toMatchObject({ code: 0 });
  };

  it('agrees with the journal of the house', async () => {
    await exportJournal('all.jsonl');
    expect(await both('all.jsonl')).toEqual({ code: 0, rules: [] });
  });

  it('convicts a house that goes back, and then does something else', async () => {
    await house.stopDms();
    rmSync(join(house.home, 'dms'), { recursive: true });
    copyFolder(join(house.home, 'before'), join(house.home, 'dms'));
    // With a witness that remembers, such a house does not even start.
    await house.stopService();
    const store = new DatabaseSync(join(house.home, 'trusted-service', STORE_FILE));
    store.exec('DELETE FROM witnessed_checkpoints');
    store.close();
    await house.startService();
    await house.startDms();
    await exportJournal('shorter.jsonl');
    expect(await both('shorter.jsonl')).toEqual({ code: 6, rules: ['receipt-denied', 4] });
    const rival = await house.enrolled('bob');
    await rival.allItems();
    await rival.bid({ lot: 2, amount: 150 as Amount });
    await exportJournal('other.jsonl');
    expect(await both('other.jsonl')).toEqual({ code: 6, rules: ['receipt-denied', 4] });
  });
});
