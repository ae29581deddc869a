import { describe, expect, it } from 'vitest';
import { ClientError } from '../../client/client-error.ts';
import { exitCodeFor, exitCodeForSignal } from '../../client/exit-codes.ts';
import { ProtocolError, type RefusalCode } from '../../shared/errors.ts';

describe('exit codes', () => {
  it.each([
    ['username-taken', 2],
    ['certificate-revoked', 4],
    ['invite-required', 4],
    ['invite-invalid', 4],
    ['operator-token-required', 4],
    ['trusted-service-unreachable', 5],
    ['dms-unreachable', 5],
    ['peer-untrusted', 6],
    ['timestamp-invalid', 6],
    ['signature-invalid', 6],
    ['outcome-unknown', 7],
    ['internal', 1],
  ] as [RefusalCode, number][])('%s is %d', (code, exit) => {
    expect(exitCodeFor(new ProtocolError(code))).toBe(exit);
  });

  it.each([
    ['option-malformed', 2],
    ['root-missing', 2],
    ['confirmation-missing', 2],
    ['operator-token-missing', 2],
    ['receipt-missing', 2],
    ['lot-unknown', 3],
    ['journal-broken', 6],
    ['passphrase-wrong', 4],
    ['house-changed', 6],
  ] as const)('%s is %d', (code, exit) => {
    expect(exitCodeFor(new ClientError(code))).toBe(exit);
  });

  it('an error that nobody foresaw is a failure', () => {
    expect(exitCodeFor(new TypeError('x'))).toBe(1);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['EPIPE', 0],
  ])('%s is %d', (reason, exit) => {
    expect(exitCodeForSignal(reason)).toBe(exit);
  });
});
