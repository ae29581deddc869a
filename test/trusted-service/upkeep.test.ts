import { mkdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { generateP256 } from '../../shared/crypto/ecdsa.ts';
import type { Certificate } from '../../shared/pki/certificate.ts';
import { type ClockKind, Instant, Subject } from '../../shared/wire/vocabulary.ts';
import { type AuthorityKeys, loadAuthorityKeys, loadRootKey } from '../../trusted-service/authority-keys.ts';
import { Issuer, type IssuingAuthority, type ListOrder } from '../../trusted-service/certificate-authority/issuer.ts';
import { RevocationPublisher } from '../../trusted-service/certificate-authority/revocation-publisher.ts';
import { SimulatedClock } from '../../trusted-service/clock/simulated-clock.ts';
import { OwnCertificates, type TlsIdentity } from '../../trusted-service/own-certificates.ts';
import { certifyIssuingCa } from '../../trusted-service/rotation/certify-issuing-ca.ts';
import { createServiceLog } from '../../trusted-service/service-log.ts';
import { loadStore } from '../../trusted-service/store/store.ts';
import { Upkeep } from '../../trusted-service/upkeep.ts';
import { testFolder } from './test-folder.ts';
import { TestMachine } from './test-service.ts';
import { unrecorded } from './unrecorded.ts';

const at = testFolder();
const HOUR_MS = 3_600_000;
const jane = Subject.parse('A'.repeat(43));

async function setUp(kind: ClockKind, name: string = kind) {
  mkdirSync(at(name), { mode: 0o700 });
  const machine = new TestMachine();
  const store = loadStore(at(name));
  const clock = SimulatedClock.load(kind, machine, store.numbers, unrecorded);
  const keys = await loadAuthorityKeys(`${at(name)}/keys`, machine.time, unrecorded);
  const issuer = new WatchedIssuer(keys.root, keys.issuer);
  const own = await OwnCertificates.load({ keys, issuer, clock, machine, hosts: ['localhost'], audit: unrecorded });
  const lists = new RevocationPublisher(issuer, store.certificates, store.numbers, clock);
  const log: string[] = [];
  const write = (line: string) => void log.push(line);
  const upkeep = new Upkeep({ own, lists, proofs: store.proofs, clock, log: createServiceLog({ write }) });
  return { machine, store, upkeep, clock, log, keys, issuer, signed: issuer.signed };
}

async function anotherIssuer({ folder, root }: AuthorityKeys, notBefore: number, notAfter: number) {
  const issuing = generateP256();
  const { publicKey } = issuing;
  const rootKey = loadRootKey(folder, root)!.privateKey;
  return { keys: issuing, certificate: await certifyIssuingCa({ root, rootKey, publicKey, notBefore, notAfter }) };
}

/** Keeps what was to be signed. */
class WatchedIssuer extends Issuer {
  readonly signed: (ListOrder & { readonly authority: Certificate })[] = [];

  override issueRevocationList(order: ListOrder, authority: Certificate = this.certificate): Promise<Uint8Array> {
    this.signed.push({ ...order, authority });
    return super.issueRevocationList(order, authority);
  }
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

  it('keeps a revocation list on the shelf that is far from its end, though nobody asks', async () => {
    const { machine, store, upkeep, signed } = await setUp('real', 'shelf');
    for (let tick = 0; tick < 6 * 24; tick++) {
      // What a reader would find just before the turn, if it could not wake the service up.
      const onShelf = signed.at(-1);
      if (tick > 0) expect(onShelf!.nextUpdate - machine.time).toBeGreaterThan(HOUR_MS / 2);
      await upkeep.maintain();
      machine.time += HOUR_MS / 6;
    }
    // And no more of them than that takes.
    expect(signed.length).toBeLessThanOrEqual(6 * 12);
    expect(signed.map(({ number }) => number)).toEqual(signed.map((_, index) => index + 1));
    store.close();
  });

  it('keeps a list on the shelf for each issuing CA in use, as long as it lives', async () => {
    const { machine, store, upkeep, keys, issuer, signed } = await setUp('real', 'two-authorities');
    const next = await anotherIssuer(keys, machine.time, machine.time + 3 * HOUR_MS);
    issuer.take(keys.issuer, [keys.issuer, next], []);
    const latestOf = ({ certificate }: IssuingAuthority) =>
      signed.findLast(({ authority }) => authority.sha256 === certificate.sha256)!;
    for (let tick = 0; tick < 3 * 6; tick++) {
      await upkeep.maintain();
      machine.time += HOUR_MS / 6 - 1;
      for (const authority of [keys.issuer, next]) {
        expect(latestOf(authority).nextUpdate - machine.time).toBeGreaterThan(HOUR_MS / 2);
      }
    }
    machine.time += HOUR_MS;
    const last = latestOf(next);
    await upkeep.maintain();
    expect([latestOf(next), latestOf(keys.issuer).at]).toEqual([last, machine.time]);
    store.close();
  });

  it('signs a list of the new time when the clock was moved, either way, and none outside the life of the CA', async () => {
    const { store, upkeep, clock, signed, log } = await setUp('simulated', 'moved');
    await upkeep.maintain();
    const begun = clock.now();
    for (const travel of [30 * 24 * HOUR_MS, -HOUR_MS / 2, 0]) {
      clock.set(Instant.parse(begun + travel));
      await upkeep.renew();
      expect([signed.at(-1)!.at, signed.length]).toEqual([begun + travel, signed.length]);
    }
    expect(signed).toHaveLength(4);
    clock.set(Instant.parse(begun + 400 * 24 * HOUR_MS));
    await upkeep.renew();
    expect(JSON.parse(log.at(-1)!)).toMatchObject({
      event: 'revocation-list-not-renewed',
      code: 'clock-out-of-certificates',
    });
    clock.reset();
    await upkeep.renew();
    expect(signed.at(-1)!.at).toBe(begun);
    store.close();
  });
});
