import { describe, expect, it } from 'vitest';
import { ClientError } from '../../client/client-error.ts';
import { remedyFor } from '../../client/connection/recovery.ts';
import {
  type AuctionError,
  asAuctionError,
  errorKindOf,
  FailedError,
  REFUSAL_KINDS,
  RejectedError,
  TrustError,
} from '../../client/errors.ts';
import { EXIT, exitCodeFor } from '../../client/exit-codes.ts';
import { OutcomeUnknown } from '../../client/send-command.ts';
import { ProtocolError, REFUSAL_CODES } from '../../shared/errors.ts';
import type { CommandId } from '../../shared/wire/vocabulary.ts';

const ID = '4d1e6a8c-1f5e-4a59-9c3e-0d2b5b1b6b11' as CommandId;
const COMPLAINTS = ['house-changed', 'home-of-other-root', 'root-differs', 'title-malformed', 'too-slow'] as const;

describe('the kind of an error', () => {
  it('is known for every code, and for no other', () => {
    expect(Object.keys(REFUSAL_KINDS).toSorted()).toEqual([...REFUSAL_CODES].toSorted());
  });

  it.each([
    ['username-taken', 'rejected', RejectedError],
    ['certificate-revoked', 'rejected', RejectedError],
    ['id-in-use', 'rejected', RejectedError],
    ['dms-unreachable', 'failed', FailedError],
    ['timestamp-stale', 'failed', FailedError],
    ['journal-unavailable', 'failed', FailedError],
    ['peer-untrusted', 'trust', TrustError],
    ['log-inconsistent', 'trust', TrustError],
    ['receipt-invalid', 'trust', TrustError],
  ] as const)('%s is %s', (code, kind, Class) => {
    const error = asAuctionError(new ProtocolError(code, 'why', { retryAfterMs: 7 }), ID);
    expect(error).toBeInstanceOf(Class);
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error).toMatchObject({ code, kind, id: ID, detail: 'why', retryAfterMs: 7, cause: { code } });
    expect(errorKindOf(error)).toBe(kind);
    expect(errorKindOf(new ProtocolError(code))).toBe(kind);
  });

  it.each([
    ['title-malformed', 'usage'],
    ['passphrase-wrong', 'usage'],
    ['house-changed', 'trust'],
    ['too-slow', 'failed'],
  ] as const)('the complaint %s is %s', (code, kind) => {
    expect(new ClientError(code).kind).toBe(kind);
    expect(errorKindOf(new ClientError(code))).toBe(kind);
  });

  it('is none for a mistake in a program, which passes as it is', () => {
    const mistake = new TypeError('x');
    expect(errorKindOf(mistake)).toBeUndefined();
    expect(asAuctionError(mistake)).toBe(mistake);
  });
});

describe('an error of the tree', () => {
  it('keeps its class, and the id that it has', () => {
    const unknown = new OutcomeUnknown(ID);
    expect(asAuctionError(unknown)).toBe(unknown);
    expect(asAuctionError(unknown, ID)).toBe(unknown);
    expect(unknown).toMatchObject({ kind: 'failed', code: 'outcome-unknown', id: ID });
    expect(unknown).toBeInstanceOf(FailedError);
  });

  it('is made anew for each command: many may have ended for one reason', () => {
    const one = asAuctionError(new ProtocolError('dms-unreachable')) as AuctionError;
    const other = asAuctionError(one, ID) as AuctionError;
    expect(one.id).toBeUndefined();
    expect(other).toMatchObject({ id: ID, kind: 'failed', cause: one });
  });
});

describe('kinds, exit codes and remedies say the same', () => {
  const exitOf = (code: (typeof REFUSAL_CODES)[number]) => exitCodeFor(new ProtocolError(code));

  it.each(REFUSAL_CODES)('%s', (code) => {
    const kind = REFUSAL_KINDS[code];
    // Trust, and nothing else, ends the program as untrusted.
    expect(exitOf(code) === EXIT.untrusted).toBe(kind === 'trust');
    // Whoever could not be reached, or has not answered, may be asked again.
    if (exitOf(code) === EXIT.unreachable || exitOf(code) === EXIT.outcomeUnknown) expect(kind).toBe('failed');
    if (exitOf(code) === EXIT.usage) expect(kind).toBe('rejected');
    // What the client itself tries again is not told to be hopeless.
    if (remedyFor(new ProtocolError(code)) !== undefined && code !== 'key-set-invalid') expect(kind).toBe('failed');
  });

  it.each(COMPLAINTS)('the complaint %s', (code) => {
    const error = new ClientError(code);
    expect(exitCodeFor(error) === EXIT.untrusted).toBe(error.kind === 'trust');
    expect(exitCodeFor(error) === EXIT.unreachable).toBe(error.kind === 'failed');
  });
});
