import { once } from 'node:events';
import { connect } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseConfig } from '../../dms/config.ts';
import { NodeIdentity } from '../../dms/identity/node-identity.ts';
import { createLog } from '../../dms/log.ts';
import { serveDms } from '../../dms/main.ts';
import { ProtocolError } from '../../shared/errors.ts';
import { StartError } from '../../shared/start-error.ts';
import { systemClock } from '../../shared/time/clock.ts';
import { DmsProcess } from '../support/dms-process.ts';
import { RunningHouse } from '../support/running-house.ts';
import { soon, until } from '../support/until.ts';

let house: RunningHouse;
beforeEach(async () => {
  house = await RunningHouse.start({ withoutDms: true });
});
afterEach(() => house.close());

const lines = () => house.log.map((line) => JSON.parse(line)).filter(({ name }) => name === 'dms');

describe('a DMS in its own process', () => {
  it('says where it listens when it does, logs JSON, and ends cleanly on SIGTERM', async () => {
    const dms = DmsProcess.launch(house);
    const ready = JSON.parse((await soon('the first line', dms.firstLine()))!);
    expect(ready).toMatchObject({ listening: house.dmsUrl, clock: 'simulated' });
    house.adopt(ready.house);
    const participant = await house.participant('petra');
    const socket = await house.rawSocket(participant);
    expect(await dms.stop()).toBe(0);
    await soon('the end of the connection', socket.closed);
    expect(socket.heard.at(-1)).toEqual({
      name: 'session_ended',
      args: [{ outcome: 'refused', code: 'shutting-down' }],
    });
    for (const line of dms.log.trim().split('\n')) expect(JSON.parse(line)).toMatchObject({ name: 'dms' });
  });

  it('belongs to the same house after a restart, with the same key', async () => {
    const identity = async () => {
      const dms = await DmsProcess.start(house);
      const { hostname, port } = new URL(house.dmsUrl);
      const socket = connect({ host: hostname, port: Number(port), ca: house.root.pem });
      await once(socket, 'secureConnect');
      const { pubkey } = socket.getPeerCertificate();
      expect([socket.authorized, socket.getProtocol()]).toEqual([true, 'TLSv1.3']);
      socket.destroy();
      await dms.stop();
      return [house.house, pubkey?.toString('hex')];
    };
    expect(await identity()).toEqual(await identity());
  });
});

describe('the start of a DMS', () => {
  it('waits for a Trusted Service that is down, and says so', async () => {
    await house.stopService();
    const starting = house.startDms();
    await until('the log', () => lines().some(({ code }) => code === 'trusted-service-unreachable'));
    await house.startService();
    await starting;
    expect((await house.rawSocket(await house.participant('petra'))).isOpen).toBe(true);
  });

  it("needs the operator's token for its certificate, and no longer once it has one", async () => {
    const start = () =>
      serveDms(parseConfig(house.dmsSettings(), {}, '/nowhere'), {
        log: createLog({ write: () => {} }),
        clock: systemClock,
        onFailure: (error) => house.failures.push(error),
      });
    await expect(start()).rejects.toThrow(StartError);
    await house.startDms();
    await house.stopDms();
    await (await start()).close();
  });

  it('asks anew what time it is, where its certificate was long in coming', async () => {
    let aheadMs = 0;
    const dmsClock = { now: () => systemClock.now(), monotonic: () => systemClock.monotonic() + aheadMs };
    const patient = await RunningHouse.start({ withoutDms: true, dmsClock });
    vi.spyOn(NodeIdentity, 'load').mockImplementationOnce(async () => {
      // So long that the first signed time is of no use any more.
      aheadMs += 6 * 60_000;
      throw new ProtocolError('trusted-service-unreachable');
    });
    await soon('the start', patient.startDms());
    await patient.close();
  });

  it('refuses a port that is taken', async () => {
    await house.startDms();
    const { port } = new URL(house.serviceUrl);
    await house.stopDms();
    await expect(house.startDms({ port })).rejects.toThrow(StartError);
    await house.startDms();
  });

  it('refuses a Trusted Service of another root', async () => {
    const other = await RunningHouse.start({ withoutDms: true });
    const root = `sha256:${other.root.sha256}`;
    await expect(house.startDms({ root })).rejects.toMatchObject({ code: 'peer-untrusted' });
    await other.close();
  });

  it('refuses a Trusted Service with another kind of clock', async () => {
    await expect(house.startDms({ clock: 'real' })).rejects.toMatchObject({ code: 'timestamp-wrong-clock' });
  });

  it('refuses a journal that another process has', async () => {
    await house.startDms();
    await expect(house.startDms({ port: 0 })).rejects.toMatchObject({ code: 'journal-locked' });
  });
});
