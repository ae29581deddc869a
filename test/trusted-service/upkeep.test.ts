import { mkdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type ClockKind, Subject } from '../../shared/wire/vocabulary.ts';
import { loadAuthorityKeys } from '../../trusted-service/authority-keys.ts';
import { Issuer } from '../../trusted-service/certificate-authority/issuer.ts';
import { SimulatedClock } from '../../trusted-service/clock/simulated-clock.ts';
import { OwnCertificates, type TlsIdentity } from '../../trusted-service/own-certificates.ts';
import { createServiceLog } from '../../trusted-service/service-log.ts';
import { loadStore } from '../../trusted-service/store/store.ts';
import { Upkeep } from '../../trusted-service/upkeep.ts';
import { testFolder } from './test-folder.ts';
import { TestMachine } from './test-service.ts';
import { unrecorded } from './unrecorded.ts';

const at = testFolder();
const HOUR_MS = 3_600_000;
const jane = Subject.parse('A'.repeat(43));

async function setUp(kind: ClockKind) {
  mkdirSync(at(kind), { mode: 0o700 });
  const machine = new TestMachine();
  const store = loadStore(at(kind));
  const clock = SimulatedClock.load(kind, machine, store.numbers, unrecorded);
  const keys = await loadAuthorityKeys(`${at(kind)}/keys`, machine.time, unrecorded);
  const issuer = new Issuer(keys.root, keys.issuer);
  const own = await OwnCertificates.load({ keys, issuer, clock, machine, hosts: ['localhost'], audit: unrecorded });
  const upkeep = new Upkeep({ own, proofs: store.proofs, clock, log: createServiceLog({ write: () => {} }) });
  return { machine, store, upkeep };
}

describe('upkeep', () => {
  it('forgets spent proofs a day after their end where the clock is real', async () => {
    const { machine, store, upkeep } = await setUp('real');
    store.proofs.spend(jane, 'one', machine.time);
    machine.time += 24 * HOUR_MS;
    await upkeep.maintain();
    expect(store.proofs.spend(jane, 'one', 0)).toBe(false);
    machine.time += 1;
    await upkeep.maintain();
    expect(store.proofs.spend(jane, 'one', 0)).toBe(true);
    store.close();
  });

  it('forgets none where the clock may be set back, and tells of a new TLS certificate', async () => {
    const { machine, store, upkeep } = await setUp('simulated');
    const told: TlsIdentity[] = [];
    upkeep.onTlsChange = (identity) => told.push(identity);
    store.proofs.spend(jane, 'one', machine.time);
    await upkeep.maintain();
    expect(told).toEqual([]);
    machine.time += 100 * 24 * HOUR_MS;
    await upkeep.maintain();
    expect(store.proofs.spend(jane, 'one', 0)).toBe(false);
    expect(told).toHaveLength(1);
    store.close();
  });
});
