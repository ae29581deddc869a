import { beforeEach, describe, expect, it } from 'vitest';
import { CheckpointDesk } from '../../../dms/proof/checkpoint-desk.ts';
import { PublicLog } from '../../../dms/proof/public-log.ts';
import { WitnessDesk, type Witnessed } from '../../../dms/proof/witness-desk.ts';
import { createJwsSigner } from '../../../shared/crypto/jws.ts';
import { ProtocolError } from '../../../shared/errors.ts';
import { verifyConsistency } from '../../../shared/merkle/consistency.ts';
import type { WitnessRequest } from '../../../shared/wire/log.ts';
import type { Instant, Position } from '../../../shared/wire/vocabulary.ts';
import { refusalOf } from '../../support/refusal.ts';
import { LOG_TIME, SignedLog } from '../../support/signed-log.ts';
import { TEST_HOUSE } from '../../support/test-authority.ts';

let source: SignedLog;
let log: PublicLog;
let signatures: number;
let time: { now(): Instant };
let desk: CheckpointDesk;
beforeEach(async () => {
  source = await SignedLog.create();
  log = new PublicLog();
  signatures = 0;
  time = { now: () => LOG_TIME };
  const signer = createJwsSigner(source.node.keys);
  const counted = {
    kid: signer.kid,
    sign: (bytes: Uint8Array) => {
      signatures += 1;
      return signer.sign(bytes);
    },
  };
  const chain = source.chain as [never, never];
  desk = new CheckpointDesk({
    house: { house: TEST_HOUSE, log },
    node: { signer: counted, chain },
    time: { now: () => time.now() },
  });
});

async function record(count: number): Promise<void> {
  for (let index = 0; index < count; index++) log.append((await source.bid(index + 1)).record);
}

describe('checkpoints', () => {
  it('are signed once for all who wait for one commit, and again for the next', async () => {
    await record(3);
    const first = await Promise.all([1, 2, 3, 3, 1].map((position) => desk.covering(position as Position)));
    expect([signatures, new Set(first).size, first[0]?.size]).toEqual([1, 1, 3]);
    await record(2);
    expect((await desk.covering(2 as Position)).size).toBe(3);
    const next = await Promise.all([desk.latest(), desk.covering(5 as Position)]);
    expect([signatures, next[0]?.size, next[1]?.size]).toEqual([2, 5, 5]);
  });

  it('that are under way when more is recorded do not cover that: who needs it waits for the next', async () => {
    await record(1);
    const early = desk.covering(1 as Position);
    await record(1);
    const [one, two] = await Promise.all([early, desk.covering(2 as Position)]);
    expect([one.size, two.size, signatures]).toEqual([1, 2, 2]);
  });

  it('are refused while there is no trusted time, and signed when there is', async () => {
    await record(1);
    time = {
      now: () => {
        throw new ProtocolError('trusted-time-unavailable');
      },
    };
    expect(await refusalOf(desk.covering(1 as Position))).toBe('trusted-time-unavailable');
    expect(desk.signedSize).toBe(0);
    time = { now: () => LOG_TIME };
    expect((await desk.covering(1 as Position)).size).toBe(1);
  });
});

describe('the witness', () => {
  let seen: number;
  let asked: WitnessRequest[];
  let trouble: ProtocolError | undefined;
  let isForged: boolean;
  let witness: WitnessDesk;
  beforeEach(async () => {
    [seen, asked, trouble, isForged] = [0, [], undefined, false];
    const signer = await source.authority.issue('token-signer');
    witness = new WitnessDesk({
      house: { house: TEST_HOUSE, log },
      checkpoints: desk,
      root: source.authority.root.certificate,
      service: {
        witnessed: async () => ({ size: seen as Position }),
        cosign: async (request) => {
          asked.push(request);
          if (trouble !== undefined) throw trouble;
          if (request.from !== seen) throw new ProtocolError('checkpoint-not-next');
          seen = log.size;
          return source.cosignature(isForged ? source.node : signer);
        },
      },
    });
  });

  it('is shown what is new, with the proof that it continues what was shown before', async () => {
    await witness.ask();
    expect(asked).toEqual([]);
    await record(2);
    await witness.ask();
    await witness.ask();
    await record(3);
    await witness.ask();
    expect(asked.map(({ from }) => from)).toEqual([0, 2]);
    const path = asked[1]!.path.map((hash) => new Uint8Array(Buffer.from(hash, 'base64url')));
    verifyConsistency({ size: 2, root: source.tree.root(2) }, { size: 5, root: source.tree.root() }, path);
    expect((witness.newest as Witnessed).size).toBe(5);
  });

  it('is asked where it stands when another node has been there', async () => {
    await record(2);
    await witness.ask();
    await record(1);
    seen = 3;
    await witness.ask();
    expect([asked.at(-1)?.from, witness.newest?.size]).toEqual([3, 3]);
  });

  it('that fails is asked again, and what it had cosigned stays', async () => {
    await record(1);
    await witness.ask();
    await record(1);
    trouble = new ProtocolError('trusted-service-unreachable');
    expect(await refusalOf(witness.ask())).toBe('trusted-service-unreachable');
    expect(witness.newest?.size).toBe(1);
    trouble = undefined;
    await witness.ask();
    expect(witness.newest?.size).toBe(2);
  });

  it('that has seen more than there is shows that records are lost', async () => {
    await record(1);
    seen = 2;
    expect(await refusalOf(witness.ask())).toBe('log-too-short');
  });

  it('is believed only with its own signature', async () => {
    await record(1);
    isForged = true;
    expect(await refusalOf(witness.ask())).toBe('certificate-untrusted');
    expect(witness.newest).toBeUndefined();
  });
});
