/**
 * The yardsticks of the house: the same Socket.IO with the same options and TLS, which acknowledges with so many bytes. With no
 * seats it does so at once, and does nothing else. With seats it first opens and verifies a command for each frame, as the house does
 * and in as many threads: of its own commands, because what bidders send is sealed to the house. It judges, records and announces nothing.
 * Prints its address when it listens. Arguments: the home of the node whose certificate it shows, bytes, seats.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Server } from 'socket.io';
import { SOCKET_OPTIONS } from '../../dms/gateway/socket-options.ts';
import { createStatements } from '../../dms/intake/statement-pool.ts';
import { createWebServer } from '../../dms/web-server.ts';
import { makeSeats } from './seats.ts';

type Acknowledge = (answer: object) => void;

const [home = '', bytes = '0', seats = '0'] = process.argv.slice(2);
const read = (file: string) => readFileSync(join(home, 'dms', file), 'utf8');
const tls = { key: read('node-key.pem'), cert: read('node-certificate.pem') };
const answer = { constant: 'x'.repeat(Math.max(0, Number(bytes) - '[{"constant":""}]'.length)) };
const free = await makeSeats(Number(seats));
const statements = free.length === 0 ? undefined : createStatements();
/** So many commands were opened: neighbours are of the same batch of stamps, whoever sends them. */
let opened = 0;
const server = createWebServer(tls, (_request, response) => response.end());
const sockets = new Server(server, SOCKET_OPTIONS);
sockets.on('connection', (socket) => {
  if (statements === undefined) {
    socket.on('command', (_frame: string, acknowledge: Acknowledge) => acknowledge(answer));
    return;
  }
  const seat = free.pop();
  if (seat === undefined) throw new Error('there are more connections than seats');
  socket.on('command', async (_frame: string, acknowledge: Acknowledge) => {
    const command = seat.command(Math.floor(opened / Number(seats)));
    opened += 1;
    await statements.open(command, seat);
    acknowledge(answer);
  });
});
await once(server.listen(0, 'localhost'), 'listening');
const { port } = server.address() as AddressInfo;
process.stdout.write(`${JSON.stringify({ listening: `https://localhost:${port}` })}\n`);
process.once('SIGTERM', () => process.exit());
// The bench is gone.
process.once('disconnect', () => process.exit());
