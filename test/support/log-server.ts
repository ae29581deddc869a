/** The public log of a house whose keys are in the test's hands, and the Trusted Service beside it: honest, but for chosen lies. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { encodeBase64url } from '../../shared/bytes.ts';
import type { LogEntry } from '../../shared/wire/log.ts';
import type { SigningHouse } from './signing-house.ts';

/** An answer, or a status with a problem. */
type Answer = object | string | { readonly status: number; readonly code: string };
export interface Lies {
  readonly entries?: (from: number, page: readonly LogEntry[]) => Answer;
  readonly consistency?: () => Answer;
}

async function listen(servers: Server[], answer: (url: URL) => Answer | Promise<Answer>): Promise<string> {
  const server = createServer(async (request, response) => {
    const body = await answer(new URL(request.url ?? '/', 'http://house'));
    const problem = typeof body === 'object' && 'status' in body ? body : undefined;
    const { status = 200, code } = (problem ?? {}) as { status?: number; code?: string };
    response.writeHead(status, { 'content-type': 'application/json' });
    const text = { type: `urn:x-gavel:${code}`, title: 'no', status, code };
    response.end(typeof body === 'string' ? body : JSON.stringify(problem === undefined ? body : text));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Two servers that are honest but for these lies. */
export async function serveLog(
  house: SigningHouse,
  lies: Lies = {},
): Promise<{ readonly log: string; readonly trustedServiceUrl: string; readonly servers: readonly Server[] }> {
  const servers: Server[] = [];
  const { head } = await house.copy();
  const trustedServiceUrl = await listen(servers, () => ({ certificates: head.signers }));
  const log = await listen(servers, ({ pathname, searchParams }) => {
    const [from, to] = ['from', 'to'].map((name) => Number(searchParams.get(name)));
    if (pathname === '/log/checkpoint') return { ...head.checkpoint, witnessed: head.witnessed! };
    if (pathname === '/log/consistency')
      return lies.consistency?.() ?? { path: house.tree.consistency(from!, to!).map(encodeBase64url) };
    const page = house.entries.slice(from! - 1, from! + 255);
    return lies.entries?.(from!, page) ?? { from, entries: page };
  });
  return { log, trustedServiceUrl, servers };
}
