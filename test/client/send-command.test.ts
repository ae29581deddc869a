import { describe, expect, it } from 'vitest';
import { createIdentitySigner, generateIdentityKey } from '../../client/sealing/p256-signer.ts';
import { signStatement } from '../../client/sealing/seal-command.ts';
import type { CommandRoute } from '../../client/send-command.ts';
import { OutcomeUnknown, type StageName, sendCommand } from '../../client/send-command.ts';
import { decodeBase64url, utf8 } from '../../shared/bytes.ts';
import { generateAgreementKey, openWithKeys } from '../../shared/crypto/ecies-box.ts';
import { ProtocolError } from '../../shared/errors.ts';
import type { CommandAnswer, CommandStatement } from '../../shared/wire/commands.ts';
import type { CommandId } from '../../shared/wire/vocabulary.ts';
import { someImprints, stampBatch } from '../support/stamp.ts';
import { uuid } from './lots.ts';

const ACCEPTED = { outcome: 'accepted', position: 2, lot: uuid(1), number: 1, receipt: {} } as unknown as CommandAnswer;

/** A house that answers so, one answer for each attempt; an error is thrown. */
async function send(answers: readonly (CommandAnswer | ProtocolError)[], changes: Partial<CommandRoute> = {}) {
  const signer = createIdentitySigner(generateIdentityKey());
  const claims = { v: 1, aud: uuid(9), id: uuid(2), type: 'bid', lot: uuid(1), terms: 'x', amount: 1 };
  const signed = await signStatement(signer, claims as unknown as CommandStatement);
  const [token] = await stampBatch(signer, someImprints(1));
  const stages: StageName[] = [];
  const left = answers.values();
  const session = {
    sealingKey: generateAgreementKey().publicKey,
    chain: [],
    command: async () => {
      const next = left.next().value;
      if (next instanceof ProtocolError) throw next;
      return next;
    },
  };
  const route = {
    link: { session: async () => session },
    api: { stamp: async () => token },
    verify: async () => undefined,
    reached: (stage: StageName) => stages.push(stage),
    signal: AbortSignal.timeout(20_000),
    ...changes,
  } as unknown as CommandRoute;
  const result = await sendCommand(route, uuid(2) as CommandId, signed).catch((error: unknown) => error);
  return { result, stages };
}

it('a command is sealed to the key of the session', async () => {
  const key = generateAgreementKey();
  const sent: string[] = [];
  const command = async (sealed: string) => {
    sent.push(sealed);
    return ACCEPTED;
  };
  const link = { session: async () => ({ sealingKey: key.publicKey, chain: [], command }) };
  await send([], { link } as unknown as Partial<CommandRoute>);
  const opened = sent.map((sealed) => openWithKeys([key], decodeBase64url(sealed)!));
  expect(opened.map((bytes) => Object.keys(JSON.parse(utf8.decode(bytes))))).toEqual([['statement', 'timestamp']]);
});

describe('the stages of a command', () => {
  it('come once each where all goes well', async () => {
    const { stages } = await send([ACCEPTED]);
    expect(stages).toEqual(['stamped', 'sealed', 'sent', 'answered', 'verified']);
  });

  it('come again with each attempt', async () => {
    const stale = { outcome: 'refused', code: 'timestamp-stale' } as CommandAnswer;
    const { stages, result } = await send([stale, new ProtocolError('outcome-unknown'), ACCEPTED]);
    const attempt = ['stamped', 'sealed', 'sent'];
    expect(stages).toEqual([...attempt, 'answered', ...attempt, ...attempt, 'answered', 'verified']);
    expect(result).toMatchObject({ outcome: 'accepted' });
  });

  it('of a no end with the answer', async () => {
    const { stages } = await send([{ outcome: 'rejected', reason: 'tie-lost' } as CommandAnswer]);
    expect(stages.at(-1)).toBe('answered');
  });

  it('never say verified where the receipt is not', async () => {
    const verify = () => Promise.reject(new ProtocolError('receipt-invalid'));
    const { stages, result } = await send([ACCEPTED], { verify });
    expect(stages.at(-1)).toBe('answered');
    expect(result).toMatchObject({ code: 'receipt-invalid' });
  });
});

describe('the end of waiting', () => {
  it('while the stamp is awaited leaves nothing to be sent, whenever the stamp comes', async () => {
    const waiting = new AbortController();
    const stamped = Promise.withResolvers<unknown>();
    const stamp = () => {
      queueMicrotask(() => waiting.abort());
      return stamped.promise;
    };
    const parts = { api: { stamp }, signal: waiting.signal } as unknown as Partial<CommandRoute>;
    const { result, stages } = await send([ACCEPTED], parts);
    expect(result).toMatchObject({ code: 'trusted-service-unreachable' });
    stamped.resolve({});
    // Timers go off in their order: the one for which sealing waits, then this one.
    await new Promise((resolve) => setTimeout(resolve));
    expect(stages).toEqual(['stamped', 'sealed']);
  });

  it('while an acceptance is verified leaves the outcome unknown', async () => {
    const waiting = new AbortController();
    // The answer is there, and its proof is still looked at when nobody waits any more.
    const verify = () => {
      queueMicrotask(() => waiting.abort());
      return Promise.withResolvers<void>().promise;
    };
    const { result } = await send([ACCEPTED], { verify, signal: waiting.signal });
    expect(result).toBeInstanceOf(OutcomeUnknown);
  });
});

describe('a refusal', () => {
  const refused = { outcome: 'refused', code: 'certificate-revoked' } as CommandAnswer;
  const lost = new ProtocolError('outcome-unknown');

  it('ends a command', async () => {
    expect((await send([refused])).result).toMatchObject({ code: 'certificate-revoked' });
  });

  it('says nothing about an envelope before it that nobody answered', async () => {
    const { result } = await send([lost, refused]);
    expect(result).toBeInstanceOf(OutcomeUnknown);
    expect(result).toMatchObject({ id: uuid(2), cause: { code: 'certificate-revoked' } });
  });

  it('of a receipt that proves nothing is told as such, whatever was lost before it', async () => {
    const verify = () => Promise.reject(new ProtocolError('receipt-invalid'));
    const { result } = await send([new ProtocolError('outcome-unknown'), ACCEPTED], { verify });
    expect(result).toMatchObject({ code: 'receipt-invalid' });
  });

  it('is the answer after an envelope that did not leave', async () => {
    const { result } = await send([new ProtocolError('dms-unreachable'), refused]);
    expect(result).toMatchObject({ code: 'certificate-revoked' });
  });
});
