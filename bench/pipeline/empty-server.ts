/**
 * The yardstick of the house: the same Socket.IO with the same options and TLS, which acknowledges at once with so many bytes,
 * and does nothing else. Prints its address when it listens. Arguments: the home of the node whose certificate it shows, bytes.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Server } from 'socket.io';
import { createWebServer } from '../../dms/web-server.ts';
import { MAX_ENVELOPE_BYTES } from '../../shared/wire/limits.ts';

const [home = '', bytes = '0'] = process.argv.slice(2);
const read = (file: string) => readFileSync(join(home, 'dms', file), 'utf8');
const tls = { key: read('node-key.pem'), cert: read('node-certificate.pem') };
const text = 'x'.repeat(Math.max(0, Number(bytes) - '[{"constant":""}]'.length));
const server = createWebServer(tls, (_request, response) => response.end());
// As the gateway of the house (dms/gateway/socket-gateway.ts).
const sockets = new Server(server, {
  transports: ['websocket'],
  maxHttpBufferSize: MAX_ENVELOPE_BYTES,
  perMessageDeflate: false,
  httpCompression: false,
  pingInterval: 20_000,
  serveClient: false,
});
sockets.on('connection', (socket) => {
  socket.on('command', (_frame: string, acknowledge: (answer: object) => void) => acknowledge({ constant: text }));
});
await once(server.listen(0, 'localhost'), 'listening');
const { port } = server.address() as AddressInfo;
process.stdout.write(`${JSON.stringify({ listening: `https://localhost:${port}` })}\n`);
process.once('SIGTERM', () => process.exit());
// The bench is gone.
process.once('disconnect', () => process.exit());
