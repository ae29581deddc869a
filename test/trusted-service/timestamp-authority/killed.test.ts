import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { afterEach, expect, it } from 'vitest';
import { encodeBase64url } from '../../../shared/bytes.ts';
import { verifyRoot } from '../../../shared/pki/verify-certificate.ts';
import { readStamp } from '../../../shared/timestamp/timestamp-token.ts';
import { verifyTimestampResponse } from '../../../shared/timestamp/verify-timestamp-response.ts';
import { PATHS } from '../../../shared/wire/http-endpoints.ts';
import { TimestampToken } from '../../../shared/wire/timestamp-token.ts';
import type { Digest } from '../../../shared/wire/vocabulary.ts';
import { sha256 } from '../../support/forge-timestamp.ts';
import { testFolder } from '../test-folder.ts';
import { CERT_REQ, query } from './ask-timestamp.ts';

const at = testFolder();
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

const DIGEST = sha256(Buffer.from('a document'));
const IMPRINT = encodeBase64url(DIGEST) as Digest;

/** The program in a process of its own, behind no TLS. */
async function start() {
  const script = new URL('../run-main.ts', import.meta.url).pathname;
  const settings = { GAVEL_HOME: at('killed'), GAVEL_TRUSTED_SERVICE_PORT: '0', GAVEL_TRUSTED_SERVICE_TLS: 'off' };
  const child = spawn(process.execPath, [script], { env: { ...process.env, ...settings }, stdio: 'pipe' });
  children.push(child);
  const exit = once(child, 'exit');
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const { listening, rootFile } = JSON.parse(line) as { listening: string; rootFile: string };
  const root = verifyRoot(readFileSync(rootFile, 'utf8'));
  const post = async (type: string, body: Uint8Array | string) => {
    const answer = await fetch(listening + PATHS.timestamp, {
      method: 'POST',
      headers: { 'content-type': type },
      body: Buffer.from(body),
    });
    return new Uint8Array(await answer.arrayBuffer());
  };
  const rfc3161 = async () => {
    const reply = await post('application/timestamp-query', query(DIGEST, CERT_REQ));
    return (await verifyTimestampResponse(reply, { root, imprint: IMPRINT, nonce: 'none' })).serial;
  };
  const json = async () => {
    const answer = await post('application/json', JSON.stringify({ imprint: IMPRINT }));
    return readStamp(TimestampToken.parse(JSON.parse(Buffer.from(answer).toString()))).serial;
  };
  return { kill: () => child.kill('SIGKILL'), exit, rfc3161, json };
}

it('no serial is given twice, whichever kind asks, when the service is killed under load', async () => {
  const lives: number[][] = [];
  for (let life = 0; life < 3; life++) {
    const service = await start();
    const serials: number[] = [];
    const load = Array.from({ length: 60 }, async (_, index) => {
      serials.push(await (index % 2 === 0 ? service.rfc3161() : service.json()));
      if (serials.length === 15 + 10 * life) service.kill();
    });
    await Promise.allSettled(load);
    service.kill();
    await service.exit;
    lives.push(serials);
  }
  const all = lives.flat();
  expect(lives.every((serials) => serials.length >= 15)).toBe(true);
  expect(new Set(all).size).toBe(all.length);
  const [first, second, third] = lives.map((serials) => ({ low: Math.min(...serials), high: Math.max(...serials) }));
  expect([second!.low > first!.high, third!.low > second!.high]).toEqual([true, true]);
});
