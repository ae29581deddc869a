import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { digestOfText } from '../../shared/crypto/digest.ts';
import { fetchRoot, TrustedServiceClient } from '../../shared/http-client.ts';
import { verifyKeySet } from '../../shared/pki/trust-anchors.ts';
import { verifyRoot } from '../../shared/pki/verify-certificate.ts';
import { readStamp } from '../../shared/timestamp/timestamp-token.ts';
import { PATHS } from '../../shared/wire/http-endpoints.ts';
import { refusalOf } from '../support/refusal.ts';
import { someImprints } from '../support/stamp.ts';
import { testFolder } from './test-folder.ts';
import { TestParticipant } from './test-participant.ts';
import { TestMachine, TestService } from './test-service.ts';

const at = testFolder();
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

interface Ready {
  readonly listening: string;
  readonly root: string;
  readonly rootFile: string;
  readonly clock: string;
}

function spawnMain(env: Record<string, string>) {
  const script = new URL('run-main.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [script], {
    env: { ...process.env, GAVEL_TRUSTED_SERVICE_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  return { child, log: text(child.stderr), exit: once(child, 'exit') as Promise<[number | null, string | null]> };
}

/** The last line of a log. */
const lastOf = (log: string) => JSON.parse(log.trim().split('\n').at(-1) ?? '');

async function start(env: Record<string, string>) {
  const run = spawnMain(env);
  const [line] = (await once(createInterface(run.child.stdout), 'line')) as [string];
  const ready: Ready = JSON.parse(line);
  const root = verifyRoot(readFileSync(ready.rootFile, 'utf8'));
  return { ...run, ready, root, client: new TrustedServiceClient({ baseUrl: ready.listening, root }) };
}

describe('the program', () => {
  it('says one line when it is ready, serves, logs JSON, and ends cleanly on SIGTERM', async () => {
    const secret = 'a-secret-operator-token';
    const { child, ready, root, client, log, exit } = await start({
      GAVEL_HOME: at('one'),
      GAVEL_OPERATOR_TOKEN: secret,
    });
    expect(ready).toEqual({
      listening: expect.stringMatching(/^https:\/\/127\.0\.0\.1:\d+$/),
      root: `sha256:${root.sha256}`,
      rootFile: expect.stringContaining(at('one')),
      clock: 'real',
    });
    expect((await fetchRoot(ready.listening, ready.root)).sha256).toBe(root.sha256);
    expect(readStamp(await client.time('0123456789abcdef')).clock).toBe('real');
    child.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
    const lines = (await log)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ event }) => event)).toEqual(['configuration', 'listening', 'ending', 'ended']);
    expect(await log).not.toContain(secret);
    expect(await refusalOf(client.keySet())).toBe('trusted-service-unreachable');
    await client.close();
  });

  it('stamps on with greater serials after kill -9 under load, in a later epoch', async () => {
    const imprints = someImprints(60);
    let last = { serial: -1, epoch: -1 };
    for (let life = 0; life < 2; life++) {
      const { child, client, exit } = await start({ GAVEL_HOME: at('killed') });
      const stamps: { serial: number; epoch: number }[] = [];
      const load = imprints.map(async (imprint, index) => {
        stamps.push(readStamp(await client.timestamp(imprint)));
        if (index === 20) child.kill('SIGKILL');
      });
      await Promise.allSettled(load);
      await exit;
      await client.close();
      expect(stamps.length).toBeGreaterThan(0);
      const serials = stamps.map(({ serial }) => serial);
      expect(new Set(serials).size).toBe(serials.length);
      expect(Math.min(...serials)).toBeGreaterThan(last.serial);
      expect(stamps[0]!.epoch).toBeGreaterThan(last.epoch);
      last = { serial: Math.max(...serials), epoch: stamps[0]!.epoch };
    }
  });

  it('does not start with settings that are wrong, or a folder in use, and says what to do', async () => {
    const wrong = spawnMain({ GAVEL_HOME: at('wrong'), GAVEL_CLOCK: 'wrong' });
    expect(await wrong.exit).toEqual([1, null]);
    expect(JSON.parse(await wrong.log)).toMatchObject({ level: 60, msg: expect.stringContaining('GAVEL_CLOCK') });
    const first = await start({ GAVEL_HOME: at('used') });
    const second = spawnMain({ GAVEL_HOME: at('used') });
    expect(await second.exit).toEqual([1, null]);
    expect(lastOf(await second.log).msg).toContain('Another Trusted Service');
    const { port } = new URL(first.ready.listening);
    const third = spawnMain({ GAVEL_HOME: at('port'), GAVEL_TRUSTED_SERVICE_PORT: port });
    expect(await third.exit).toEqual([1, null]);
    expect(lastOf(await third.log).msg).toContain('EADDRINUSE');
    await first.client.close();
  });

  it('keeps the operator’s token that it made', async () => {
    const { child, exit, client } = await start({ GAVEL_HOME: at('token'), GAVEL_CLOCK: 'simulated' });
    const token = readFileSync(`${at('token')}/trusted-service/operator-token`, 'utf8').trim();
    expect(token).toMatch(/^[\w-]{43}$/);
    child.kill('SIGTERM');
    await exit;
    await client.close();
    const again = await start({ GAVEL_HOME: at('token'), GAVEL_CLOCK: 'simulated' });
    const operator = new TrustedServiceClient({
      baseUrl: again.ready.listening,
      root: again.root,
      operatorToken: token,
    });
    expect((await operator.setTime(5_000)).time).toBe(5_000);
    await operator.close();
    await again.client.close();
  });
});

describe('over TLS', () => {
  const tls = () => TestService.start({ tls: true }, new TestMachine(Date.now()));

  it('serves a participant from enrolment to token, to who has the root', async () => {
    const service = await tls();
    const jane = await TestParticipant.enrolled(service, 'jane');
    const { token } = await service.client.issue({ certificate: jane.certificate, proof: await jane.proof() });
    expect(token.split('.')).toHaveLength(3);
    verifyKeySet(await service.client.keySet(), service.root, service.machine.time);
    const other = await tls();
    const misled = new TrustedServiceClient({ baseUrl: service.url, root: other.root });
    expect(await refusalOf(misled.keySet())).toBe('peer-untrusted');
    await misled.close();
    await other.stop();
    await service.stop();
  });

  it('speaks 1.3 and nothing older', async () => {
    const service = await tls();
    const shake = (maxVersion: 'TLSv1.2' | 'TLSv1.3') =>
      new Promise<string | undefined | null>((resolve) => {
        const { hostname, port } = new URL(service.url);
        const socket = connectTls({ host: hostname, port: Number(port), ca: service.root.pem, maxVersion }, () => {
          resolve(socket.getProtocol());
          socket.destroy();
        });
        socket.on('error', () => resolve(undefined));
      });
    expect([await shake('TLSv1.2'), await shake('TLSv1.3')]).toEqual([undefined, 'TLSv1.3']);
    await service.stop();
  });

  it('shows the reissued certificate without a restart', async () => {
    const service = await tls();
    const peer = () =>
      new Promise<string>((resolve, reject) => {
        const { hostname, port } = new URL(service.url);
        const socket = connectTls({ host: hostname, port: Number(port), ca: service.root.pem }, () => {
          resolve(socket.getPeerX509Certificate()?.validTo ?? '');
          socket.destroy();
        });
        socket.on('error', reject);
      });
    const before = Date.parse(await peer());
    await service.client.setTime(service.machine.time + 60 * 24 * 3_600_000);
    expect(Date.parse(await peer())).toBeGreaterThan(before + 50 * 24 * 3_600_000);
    await service.stop();
  });
});

describe('without TLS', () => {
  it('is said in the log', async () => {
    const service = await TestService.start({ tls: false });
    expect(service.url).toMatch(/^http:/);
    expect(service.log.join('')).toContain('tls-off');
    expect(readStamp(await service.client.timestamp(digestOfText('x'))).at).toBe(service.machine.time);
    await service.stop();
  });

  it('finishes what is under way when it is closed, and takes nothing new', async () => {
    const service = await TestService.start({ tls: false });
    const [imprint] = someImprints(1);
    const headers = { 'content-type': 'application/json', expect: '100-continue' };
    const sent = request(new URL(PATHS.timestamp, service.url), { method: 'POST', headers });
    sent.flushHeaders();
    // The service has the request, and waits for its body.
    await once(sent, 'continue');
    const stopping = service.stop();
    const late = new TrustedServiceClient({ baseUrl: service.url, root: service.root });
    expect(await refusalOf(late.keySet())).toBe('trusted-service-unreachable');
    await late.close();
    sent.end(JSON.stringify({ imprint }));
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    expect(answer.statusCode).toBe(200);
    expect(JSON.parse(await text(answer)).index).toBe(0);
    await stopping;
  });
});
