import { expect, it } from 'vitest';
import { ProtocolError, type RefusalCode } from '../../../shared/errors.ts';
import type { Issuer } from '../../../trusted-service/certificate-authority/issuer.ts';
import { RevocationPublisher } from '../../../trusted-service/certificate-authority/revocation-publisher.ts';
import type { CertificateRecords } from '../../../trusted-service/store/certificate-records.ts';
import type { Numbers } from '../../../trusted-service/store/numbers.ts';
import { refusalOf } from '../../support/refusal.ts';
import { TestMachine } from '../test-service.ts';

const HOUR_MS = 3_600_000;

/** A publisher whose lists are their numbers, and that is stopped at will in the middle of its work. */
function publisher() {
  const machine = new TestMachine();
  const state = { stop: undefined as RefusalCode | undefined, number: 0 };
  const certificate = { sha256: 'the issuing CA' };
  const issuer = {
    certificate,
    inUse: [certificate],
    isAliveAt: () => true,
    issueRevocationList: async ({ number }: { number: number }) => {
      if (state.stop !== undefined) throw new ProtocolError(state.stop);
      return Uint8Array.of(number);
    },
  } as unknown as Issuer;
  const records = { revokedUnder: () => [] } as unknown as CertificateRecords;
  const numbers = {
    nextRevocationList: () => {
      state.number += 1;
      return state.number;
    },
  } as unknown as Numbers;
  const lists = new RevocationPublisher(issuer, records, numbers, machine);
  const current = async () => (await lists.current()).der[0];
  return { lists, current, machine, state };
}

it.each(['clock-stepped', 'state-unwritable'] as const)('the last list stays out during %s', async (code) => {
  const { current, machine, state } = publisher();
  expect(await current()).toBe(1);
  machine.time += HOUR_MS / 2;
  state.stop = code;
  expect(await current()).toBe(1);
  state.stop = undefined;
  expect(await current()).toBe(3);
});

it('a list that lacks a revocation does not, however the service was stopped after that', async () => {
  const { lists, current, state } = publisher();
  expect(await current()).toBe(1);
  state.stop = 'clock-stepped';
  expect(await refusalOf(lists.renew(lists.takeNumbers()))).toBe('clock-stepped');
  expect(await refusalOf(current())).toBe('clock-stepped');
  state.stop = undefined;
  expect(await current()).toBe(4);
  state.stop = 'state-unwritable';
  expect(await current()).toBe(4);
});

it('for any other reason no list is better than an old one', async () => {
  const { current, machine, state } = publisher();
  expect(await current()).toBe(1);
  machine.time += HOUR_MS / 2;
  state.stop = 'clock-out-of-certificates';
  expect(await refusalOf(current())).toBe('clock-out-of-certificates');
});
