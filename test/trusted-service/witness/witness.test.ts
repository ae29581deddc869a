import { randomUUID } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { signCheckpoint, verifyCheckpoint, verifyCosignature } from '../../../shared/journal/checkpoint.ts';
import { encodePath } from '../../../shared/journal/receipt.ts';
import { GrowingTree } from '../../../shared/merkle/growing-tree.ts';
import { hashLeaf } from '../../../shared/merkle/tree.ts';
import type { SignedCheckpoint, WitnessRequest } from '../../../shared/wire/log.ts';
import { HouseId, type Instant, type Position } from '../../../shared/wire/vocabulary.ts';
import { verifyRows } from '../../../trusted-service/audit/audit-chain.ts';
import { readAuditRows } from '../../../trusted-service/store/audit-records.ts';
import { WitnessRecords } from '../../../trusted-service/store/witness-records.ts';
import { refusalOf } from '../../support/refusal.ts';
import { certifiedNode, TestParticipant } from '../test-participant.ts';
import { TestService } from '../test-service.ts';

let service: TestService;
let house: HouseId;
let node: TestParticipant;
let issuer: string;
beforeEach(async () => {
  service = await TestService.start();
  house = HouseId.parse(randomUUID());
  node = await certifiedNode(service, house);
  const someone = new TestParticipant(service);
  issuer = (await someone.enrol('someone')).chain[0]!;
});
afterEach(() => service.stop());

/** A journal whose records say nothing but which history they are of. */
function journal(...records: string[]): GrowingTree {
  const tree = new GrowingTree();
  for (const record of records) tree.append(hashLeaf(Buffer.from(record)));
  return tree;
}

async function signed(tree: GrowingTree, size = tree.size, by = node, of = house): Promise<SignedCheckpoint> {
  const head = { size, root: tree.root(size) };
  const checkpoint = await signCheckpoint(by.signer, of, head, service.machine.time as Instant);
  return { checkpoint, chain: [by.certificate, issuer] as SignedCheckpoint['chain'] };
}

async function request(tree: GrowingTree, from: number, size = tree.size): Promise<WitnessRequest> {
  const path = from === 0 ? [] : encodePath(tree.consistency(from, size));
  return { ...(await signed(tree, size)), from: from as Position, path };
}

const cosign = async (tree: GrowingTree, from: number, size?: number) =>
  service.client.cosign(await request(tree, from, size));
const seen = async () => (await service.client.witnessed(house)).size;

describe('the witness', () => {
  it('cosigns a house’s journal as it grows, so that anybody can verify it from the root', async () => {
    const tree = journal('a', 'b', 'c', 'd', 'e');
    expect(await seen()).toBe(0);
    for (const [from, size] of [
      [0, 2],
      [2, 2],
      [2, 5],
    ] as const) {
      const cosignature = await cosign(tree, from, size);
      const about = await verifyCheckpoint(await signed(tree, size), service.root);
      expect(await verifyCosignature(cosignature, about, service.root)).toBe(service.machine.time);
      expect(await seen()).toBe(size);
    }
  });

  it('remembers over a restart what it has seen, and nothing of one house at another', async () => {
    await cosign(journal('a', 'b'), 0);
    await service.restart();
    expect(await seen()).toBe(2);
    expect(await refusalOf(cosign(journal('a', 'x', 'y'), 2))).toBe('log-inconsistent');
    expect((await service.client.witnessed(HouseId.parse(randomUUID()))).size).toBe(0);
  });

  it.each([
    ['forked', journal('a', 'x', 'c', 'd')],
    ['rewritten', journal('x', 'b', 'c', 'd')],
    ['reordered', journal('b', 'a', 'c', 'd')],
    ['rewritten at the same length', journal('a', 'x')],
  ])('does not cosign a %s one, and keeps both', async (_what, other) => {
    await cosign(journal('a', 'b'), 0);
    expect(await refusalOf(cosign(other, 2))).toBe('log-inconsistent');
    expect(await seen()).toBe(2);
    expect(conflicts(service)).toHaveLength(1);
  });

  it('tells the audit journal of a house that has shown two, once, however often it does', async () => {
    const seen = journal('a', 'b');
    await cosign(seen, 0);
    expect(contradictions(service)).toEqual([]);
    const shown = journal('a', 'x', 'c');
    for (const other of [shown, journal('x', 'y'), shown]) await refusalOf(cosign(other, 2));
    await service.restart();
    await refusalOf(cosign(shown, 2));
    const head = (tree: GrowingTree) => ({ size: tree.size, root: Buffer.from(tree.root()).toString('hex') });
    const told = { by: 'node', house, node: node.signer.kid, seen: head(seen), shown: head(shown) };
    expect(contradictions(service)).toMatchObject([told]);
  });

  it('does not tell of it what it could not keep', async () => {
    await cosign(journal('a', 'b'), 0);
    const failing = vi.spyOn(WitnessRecords.prototype, 'keepConflict').mockImplementation(() => {
      throw Object.assign(new Error('full'), { errcode: 13 });
    });
    expect(await refusalOf(cosign(journal('a', 'x'), 2))).toBe('state-unwritable');
    failing.mockRestore();
    expect([contradictions(service), conflicts(service)]).toEqual([[], []]);
  });

  it('does not cosign a truncated one, or one that it is not told to continue', async () => {
    const tree = journal('a', 'b', 'c');
    await cosign(tree, 0);
    for (const from of [0, 1, 2, 4]) {
      const asked = { ...(await request(tree, 3)), from: from as Position };
      expect(await refusalOf(service.client.cosign(asked)), String(from)).toBe('checkpoint-not-next');
    }
    const shorter = { ...(await signed(tree, 2)), from: 3 as Position, path: [] };
    expect(await refusalOf(service.client.cosign(shorter))).toBe('checkpoint-not-next');
    expect(await refusalOf(cosign(journal('a', 'b'), 0))).toBe('checkpoint-not-next');
  });

  it('cosigns one of two histories that come at the same moment', async () => {
    const asked = await Promise.all([request(journal('a', 'b'), 0), request(journal('a', 'x'), 0)]);
    const codes = await Promise.all(asked.map((one) => refusalOf(service.client.cosign(one))));
    expect(codes.toSorted()).toEqual(['checkpoint-not-next', undefined]);
  });

  it('hears only nodes of the house, certified and not revoked', async () => {
    const tree = journal('a');
    const neighbour = await certifiedNode(service, HouseId.parse(randomUUID()));
    const person = await TestParticipant.enrolled(service, 'person');
    for (const by of [neighbour, person]) {
      const asked = { ...(await signed(tree, 1, by)), from: 0 as Position, path: [] };
      expect(await refusalOf(service.client.cosign(asked))).toBe('certificate-untrusted');
    }
    await service.client.revoke({ serial: node.serial, reason: 'keyCompromise' });
    expect(await refusalOf(cosign(tree, 0))).toBe('certificate-revoked');
    expect(await seen()).toBe(0);
  });

  it('has nothing to say of an empty journal', async () => {
    expect(await refusalOf(cosign(journal(), 0))).toBe('malformed');
  });

  it.each(['', '?house=', '?house=x', `?house=${randomUUID()}&house=${randomUUID()}`])(
    'does not answer a question about no house: "%s"',
    async (query) => {
      expect(await service.raw(`/api/witness${query}`)).toMatchObject({ status: 400, code: 'malformed' });
    },
  );
});

/** What the audit journal says against houses; throws where its chain does not hold. */
function contradictions(of: TestService): object[] {
  const database = new DatabaseSync(`${of.home}/trusted-service/trusted-service.db`, { readOnly: true });
  try {
    const events = [...verifyRows(readAuditRows(database))].map(({ event }) => event);
    return events.filter(({ type }) => type === 'log-contradicted');
  } finally {
    database.close();
  }
}

/** What is kept against houses. */
function conflicts(of: TestService): unknown[] {
  const database = new DatabaseSync(`${of.home}/trusted-service/trusted-service.db`, { readOnly: true });
  try {
    return database.prepare('SELECT house, seen, shown FROM witnessed_conflicts').all();
  } finally {
    database.close();
  }
}
