/** A port that nobody uses, below those that the system gives out by itself: a server can come back to it. */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

const LOWEST = 20_000;
const HIGHEST = 32_000;
const SHARES = 16;
const SHARE = (HIGHEST - LOWEST) / SHARES;
/** Each worker of the tests has ports of its own: another could take one between its choice and its use. */
const first = LOWEST + (Number(process.env['VITEST_POOL_ID'] ?? 0) % SHARES) * SHARE;
let next = randomInt(SHARE);

export async function freePort(): Promise<number> {
  for (;;) {
    const port = first + (next++ % SHARE);
    const server = createServer();
    const listening = once(server, 'listening');
    server.listen(port, '127.0.0.1');
    try {
      await listening;
    } catch {
      // Somebody has it: another one.
      continue;
    }
    const closed = once(server, 'close');
    server.close();
    await closed;
    return port;
  }
}
