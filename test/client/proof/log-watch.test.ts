import { beforeEach, describe, expect, it } from 'vitest';
import { type Fork, LogWatch, type LogWatchParts } from '../../../client/proof/log-watch.ts';
import type { KnownLog } from '../../../client/proof/proof-store.ts';
import { ProtocolError } from '../../../shared/errors.ts';
import { type Checkpoint, verifyCheckpoint } from '../../../shared/journal/checkpoint.ts';
import { encodePath } from '../../../shared/journal/receipt.ts';
import type { CheckpointAnswer } from '../../../shared/wire/log.ts';
import type { Position } from '../../../shared/wire/vocabulary.ts';
import { SignedLog } from '../../support/signed-log.ts';
import { TEST_HOUSE } from '../../support/test-authority.ts';

/** A house that may lie, and one who watches it. */
class Scene {
  readonly honest: SignedLog;
  readonly other: SignedLog;
  /** Which history is shown now, and how much of it. */
  shown: { log: SignedLog; size?: number };
  forks: Fork[] = [];
  troubles: unknown[] = [];
  kept: KnownLog | undefined;
  evidence: object[] = [];
  asked: string[] = [];
  told = 0;
  refusal: ProtocolError | undefined;
  witnessed: CheckpointAnswer['witnessed'];
  watch: LogWatch;

  private constructor(honest: SignedLog, other: SignedLog) {
    this.honest = honest;
    this.other = other;
    this.shown = { log: honest };
    this.watch = this.begin();
  }

  /** Two histories by one node. */
  static async set(): Promise<Scene> {
    const honest = await SignedLog.create();
    const other = await SignedLog.create(honest.authority, honest.node);
    for (const log of [honest, other]) for (const amount of [1, 2, 3, 4]) await log.bid(amount);
    return new Scene(honest, other);
  }

  /** Another run of the client on the same home. */
  begin(): LogWatch {
    const parts: LogWatchParts = {
      house: TEST_HOUSE,
      root: this.honest.authority.root.certificate,
      told: () => this.told as Position,
      log: {
        checkpoint: async () => {
          const { log, size = log.tree.size } = this.shown;
          const answer = await log.checkpoint({ size });
          return this.witnessed === undefined ? answer : { ...answer, witnessed: this.witnessed };
        },
        consistency: async (from, to) => {
          this.asked.push(`${from}-${to}`);
          if (this.refusal !== undefined) throw this.refusal;
          const { log, size = log.tree.size } = this.shown;
          if (to > size) throw new ProtocolError('log-too-short');
          return encodePath(log.tree.consistency(from, to));
        },
      },
      store: {
        known: async () => this.kept,
        keepKnown: async (_house, known) => {
          this.kept = known;
        },
        keepEvidence: async (name, evidence) => {
          this.evidence.push(evidence);
          return `/evidence/${name}`;
        },
      },
      onFork: (fork) => this.forks.push(fork),
      onTrouble: (error) => this.troubles.push(error),
      pause: async () => undefined,
    };
    this.watch = new LogWatch(parts);
    return this.watch;
  }

  async checkpoint(log: SignedLog, size?: number): Promise<Checkpoint> {
    return verifyCheckpoint(await log.checkpoint(size === undefined ? {} : { size }), log.authority.root.certificate);
  }
}

let scene: Scene;
beforeEach(async () => {
  scene = await Scene.set();
});

describe('a house with one history', () => {
  it('is believed: each new checkpoint is proved to continue the last, in later runs too', async () => {
    await scene.watch.look();
    await scene.watch.look();
    expect(scene.asked).toEqual([]);
    await scene.honest.bid(5);
    await scene.watch.look();
    scene.begin();
    await scene.honest.bid(6);
    await scene.watch.look();
    expect(scene.asked).toEqual(['4-5', '5-6']);
    expect([scene.forks, scene.troubles]).toEqual([[], []]);
  });

  it('need not be asked where the proof comes with the checkpoint', async () => {
    await scene.watch.look();
    await scene.honest.bid(5);
    const path = encodePath(scene.honest.tree.consistency(4, 5));
    scene.watch.see(await scene.checkpoint(scene.honest), { from: 4 as Position, path });
    await scene.watch.settled();
    // One from before is looked at as well, and the greater one stays.
    scene.watch.see(await scene.checkpoint(scene.honest, 2));
    await scene.watch.settled();
    expect(scene.asked).toEqual(['2-5']);
    expect(scene.forks).toEqual([]);
    expect((await scene.checkpoint(scene.honest)).signed.chain).toEqual(scene.kept?.last.chain);
  });

  it('may be away: that is no proof of anything, and is looked at again', async () => {
    await scene.watch.look();
    await scene.honest.bid(5);
    scene.refusal = new ProtocolError('dms-unreachable');
    await scene.watch.look();
    expect(scene.troubles).toEqual([scene.refusal]);
    scene.refusal = undefined;
    await scene.watch.look();
    expect([scene.forks, scene.asked]).toEqual([[], ['4-5', '4-5']]);
  });

  it('may have a node that is behind the others for a moment', async () => {
    await scene.watch.look();
    scene.shown.size = 3;
    const looked = scene.watch.look();
    scene.shown = { log: scene.honest };
    await looked;
    expect(scene.forks).toEqual([]);
  });
});

describe('a house with two histories', () => {
  it.each<[string, (scene: Scene) => Promise<void>]>([
    ['forks', async () => void (await scene.other.bid(5))],
    ['rewrites what was there', async () => undefined],
    ['forgets the end', async () => void Object.assign(scene.shown, { size: 2 })],
    ['forgets everything', async () => void Object.assign(scene.shown, { size: 0 })],
    [
      'refuses to prove anything',
      async () => {
        await scene.honest.bid(5);
        scene.refusal = new ProtocolError('not-found');
      },
    ],
  ])('that %s is left, with the evidence kept', async (what, deed) => {
    await scene.watch.look();
    scene.begin();
    if (what.startsWith('forks') || what.startsWith('rewrites')) scene.shown = { log: scene.other };
    await deed(scene);
    await scene.watch.look();
    expect(scene.forks).toHaveLength(1);
    const [fork] = scene.forks as [Fork];
    expect(fork.error.code).toBe('log-inconsistent');
    expect(fork.known.size).toBe(4);
    expect(scene.evidence).toEqual([expect.objectContaining({ known: fork.known.signed, shown: fork.shown.signed })]);
    expect(fork.known.signed).not.toEqual(fork.shown.signed);
    // What was known stays: the next run finds the same.
    expect(scene.kept?.last).toEqual(fork.known.signed);
    await scene.watch.look();
    expect(scene.forks).toHaveLength(1);
  });

  it('is found out by a proof that came along and proves nothing', async () => {
    await scene.watch.look();
    await scene.other.bid(5);
    const path = encodePath(scene.other.tree.consistency(4, 5));
    scene.watch.see(await scene.checkpoint(scene.other), { from: 4 as Position, path });
    await scene.watch.settled();
    expect(scene.forks).toHaveLength(1);
  });

  it('is found out by the history that the witness has seen', async () => {
    await scene.watch.look();
    const { other } = scene;
    const witness = await other.cosignature(await other.authority.issue('token-signer'));
    scene.witnessed = { ...(await other.checkpoint()), witness };
    await scene.watch.look();
    expect(scene.forks).toHaveLength(1);
  });

  it('does not get a witness by its own word', async () => {
    const { honest } = scene;
    scene.witnessed = { ...(await honest.checkpoint()), witness: await honest.cosignature(honest.node) };
    await scene.watch.look();
    expect(scene.troubles).toEqual([expect.objectContaining({ code: 'certificate-untrusted' })]);
    expect(scene.kept?.witnessed).toBeUndefined();
  });
});

describe('a house that shows an old checkpoint', () => {
  it('is said to: it has told of more records than it signs', async () => {
    scene.shown.size = 3;
    scene.told = 4;
    await scene.watch.look();
    expect(scene.troubles).toEqual([expect.objectContaining({ code: 'log-too-short' })]);
    scene.shown.size = 4;
    await scene.watch.look();
    expect(scene.troubles).toHaveLength(1);
  });

  it('and has signed a newer one before is caught, though it has told of more than either', async () => {
    scene.shown.size = 4;
    await scene.watch.look();
    expect(scene.forks).toEqual([]);
    scene.shown.size = 3;
    scene.told = 5;
    await scene.watch.look();
    expect(scene.forks).toMatchObject([{ known: { size: 4 }, shown: { size: 3 } }]);
  });

  it('is held to what it signed just before it was gone, when there was nobody to prove it', async () => {
    scene.shown.size = 3;
    await scene.watch.look();
    const { log } = scene.shown;
    scene.refusal = new ProtocolError('dms-unreachable');
    scene.watch.see(await verifyCheckpoint(await log.checkpoint({ size: 4 }), scene.honest.authority.root.certificate));
    await scene.watch.settled();
    expect(scene.forks).toEqual([]);
    scene.refusal = undefined;
    await scene.watch.look();
    expect(scene.forks).toMatchObject([{ known: { size: 3 }, shown: { size: 4 } }]);
  });
});
