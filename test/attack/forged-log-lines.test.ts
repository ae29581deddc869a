/** What strangers send can't write lines of its own into a log, nor paint the terminal of who reads it: each line is one JSON object of ours. */
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LotTerms } from '../../shared/wire/commands.ts';
import { PATHS } from '../../shared/wire/http-endpoints.ts';
import { TestNode } from '../support/test-node.ts';
import { TestParticipant } from '../trusted-service/test-participant.ts';
import { AS_OPERATOR, TestService } from '../trusted-service/test-service.ts';

/** Closes a JSON text, begins a line of its own, and moves the cursor. */
const FORGERY = 'x","event":"forged"}\n{"level":"info","event":"forged","msg":"forged"}\r\n\u001b[2J\u009b31m\u2028';

let service: TestService;
let node: TestNode;
beforeAll(async () => {
  service = await TestService.start();
  node = await TestNode.start();
  await sendToService();
  await sendToNode();
});
afterAll(() => Promise.all([service.stop(), node.stop()]));

/** A request line as nobody's library would send it. */
async function sendLine(url: string, target: string): Promise<void> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.end(`GET ${target} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: close\r\n\r\n`);
  await text(socket);
}

async function sendToService(): Promise<void> {
  await TestParticipant.enrolled(service, 'ann', 'a contact');
  const targets = ['/x","event":"forged","y":"', `/${encodeURIComponent(FORGERY)}`, '/\u001b[2J', '/\u009b31m'];
  for (const target of targets) {
    await sendLine(service.url, target);
    await sendLine(node.url, target);
  }
  for (const path of [PATHS.signCsr, PATHS.issue, PATHS.revoke, PATHS.timestamp, PATHS.setTime, PATHS.invites]) {
    await service.post(path, { [FORGERY]: FORGERY }, AS_OPERATOR);
    await service.post(path, FORGERY, AS_OPERATOR);
  }
  await service.post(PATHS.signCsr, { csr: FORGERY, username: FORGERY, contact: FORGERY });
  await service.post(PATHS.invites, { count: 1, note: FORGERY }, AS_OPERATOR);
  await service.raw(PATHS.setTime, { method: FORGERY.slice(0, 1), headers: { 'x-forwarded-for': '"forged"' } });
}

async function sendToNode(): Promise<void> {
  const alice = await node.service.participant();
  const { socket } = await node.enter(alice);
  socket.tell(FORGERY, FORGERY);
  socket.sendRaw(`42["${FORGERY}"]`);
  for (const event of ['hello', 'prove', 'renew', 'query', 'acknowledge', 'command']) {
    await Promise.race([socket.ask(event, { [FORGERY]: FORGERY, type: FORGERY }), socket.closed]);
  }
  await node.connect({ token: FORGERY, certificate: FORGERY, chain: [FORGERY] }).catch(() => undefined);
  await node.connect({ [FORGERY]: FORGERY }).catch(() => undefined);
  // A session that ends has a line in the log, with the reason that the other side gave.
  const { socket: other } = await node.enter(alice);
  const terms = { title: FORGERY, description: FORGERY } as unknown as Partial<LotTerms>;
  await node.list(alice, other, terms).catch(() => undefined);
  const lot = await node.list(alice, other, { title: 'x","event":"forged","y":"' } as Partial<LotTerms>);
  await node.close(lot.lot);
  other.sendRaw(`41${FORGERY}`);
  await other.closed;
}

const LOGS = [
  ['Trusted Service', () => service.log],
  ['DMS', () => node.log],
] as const;

describe.each(LOGS)('each line of the log of the %s', (_name, linesOf) => {
  it('is one line, one JSON object, and ours', () => {
    const lines = linesOf();
    expect(lines.length).toBeGreaterThan(2);
    for (const line of lines) {
      expect(line.endsWith('\n'), line).toBe(true);
      expect(line.slice(0, -1), line).not.toMatch(/\p{Cc}|\p{Zl}|\p{Zp}/u);
      const { event, msg, level } = JSON.parse(line);
      expect([event, msg], line).not.toContain('forged');
      expect(level, line).toBeDefined();
    }
  });
});

it('what was sent did reach the log of the Trusted Service', () => {
  expect(service.log.filter((line) => line.includes('forged')).length).toBeGreaterThan(0);
});
