/** Killed between any two writes of a rotation, the service goes on at the next start. */
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { digestOfText } from '../../../shared/crypto/digest.ts';
import { findFormerKey } from '../../../shared/pki/key-archive.ts';
import { verifyKeySet } from '../../../shared/pki/trust-anchors.ts';
import { TimestampVerifier } from '../../../shared/timestamp/verify-timestamp.ts';
import { testFolder } from '../test-folder.ts';
import { TestParticipant } from '../test-participant.ts';
import { TestMachine, TestService } from '../test-service.ts';

const at = testFolder();
const script = new URL('./die-at-write.ts', import.meta.url).pathname;
const run = promisify(execFile);

const die = async (home: string, moment: number): Promise<string> => {
  try {
    return (await run(process.execPath, [script, home, String(moment)])).stdout;
  } catch (error) {
    return (error as { signal: string }).signal;
  }
};

/** What has to be so whatever happened. */
async function demandWhole(home: string): Promise<void> {
  const service = await TestService.start({ home }, new TestMachine(Date.now()));
  try {
    const { roles } = await service.client.rotation();
    const privateKeys = readdirSync(`${home}/trusted-service/keys`).filter((name) => name.includes('.key'));
    const needed = roles.flatMap(({ role, keys }) => {
      const states = keys.map(({ state }) => state);
      expect(states.filter((state) => state === 'current')).toHaveLength(1);
      return keys.filter(({ state }) => state !== 'last' || role === 'issuing-ca');
    });
    // The root's, that of TLS, and those whose turn has come or will: none that was forgotten, none half-written.
    expect(privateKeys).toHaveLength(2 + needed.length);
    const now = service.machine.time;
    const { token, timestamp } = verifyKeySet(await service.client.keySet(), service.root, now);
    const published = [...token.keys(), ...timestamp.keys()].toSorted();
    const known = roles.flatMap(({ role, keys }) => (role === 'issuing-ca' ? [] : keys.map(({ kid }) => kid)));
    expect(published).toEqual(known.toSorted());
    const archive = await service.client.keyArchive();
    for (const kid of timestamp.keys()) {
      expect(findFormerKey(archive, service.root, { kid, profile: 'timestamp-signer', at: now })).toBeDefined();
    }
    const imprint = digestOfText('after the fall');
    const verifier = new TimestampVerifier(() => timestamp, service.authority);
    await verifier.verify(await service.client.timestamp(imprint), imprint);
    const ann = await TestParticipant.enrolled(service, 'ann');
    await service.client.issue({ certificate: ann.certificate, proof: await ann.proof() });
    for (const role of ['token-signer', 'timestamp-signer', 'issuing-ca'] as const)
      await service.client.rotate({ role });
  } finally {
    await service.stop();
  }
}

describe('a rotation that is cut off', async () => {
  const template = at('template');
  // Without a number that comes it runs to its end, and says how many moments there are.
  const first = await die(template, -1);
  const moments = Number(first);

  it('has many moments', () => {
    expect(moments).toBeGreaterThan(30);
  });

  it('leaves a state that goes on, at each of them', { timeout: 240_000 }, async () => {
    const all = Array.from({ length: moments }, (_, index) => index + 1);
    const lanes = [0, 1, 2, 3].map(async (lane) => {
      for (const moment of all.filter((number) => number % 4 === lane)) {
        const home = at(`moment-${moment}`);
        expect(await die(home, moment), `at moment ${moment}`).toBe('SIGKILL');
        await demandWhole(home);
      }
    });
    await Promise.all(lanes);
  });
});
