/**
 * The yardsticks of fan-out, with the certificate of a node: Socket.IO with the gateway's options on the node's web server,
 * and one room; and sockets to which the same bytes are written, with TLS and without. Prints the addresses when it
 * listens. Argument: the node's folder.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer as createTcpServer, type Server as NetServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createServer as createTlsServer } from 'node:tls';
import { Server } from 'socket.io';
import { SOCKET_OPTIONS } from '../../dms/gateway/socket-options.ts';
import { createWebServer } from '../../dms/web-server.ts';
import { answerQuestions } from '../answer-questions.ts';
import { frameOf } from '../web-socket/frames.ts';
import type { BareKind, EmitAnswer, EmitQuestion } from './messages.ts';

const EVERYBODY = 'everybody';
/** Engine.IO's message, Socket.IO's event. */
const EVENT = '42';

const folder = process.argv[2] ?? '';
const tls = {
  key: readFileSync(join(folder, 'node-key.pem'), 'utf8'),
  cert: readFileSync(join(folder, 'node-certificate.pem'), 'utf8'),
};
const web = createWebServer(tls, (_, response) => response.writeHead(404).end());
const io = new Server(web, SOCKET_OPTIONS);
io.on('connection', (socket) => void socket.join(EVERYBODY));
const sockets = { tls: new Set<Socket>(), tcp: new Set<Socket>() };
// As HTTP's server does it: small writes leave at once.
const noDelay = { noDelay: true };
const servers: Record<BareKind, NetServer> = {
  'socket-io': web,
  tls: createTlsServer({ ...tls, ...noDelay, minVersion: 'TLSv1.3' }, (socket) => keep(sockets.tls, socket)),
  tcp: createTcpServer(noDelay, (socket) => keep(sockets.tcp, socket)),
};

const urls: Record<string, string> = {};
for (const [kind, server] of Object.entries(servers)) {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  urls[kind] = `${kind === 'tcp' ? 'http' : 'https'}://localhost:${(server.address() as AddressInfo).port}`;
}
answerQuestions(emit);
process.once('SIGTERM', () => process.exit());
process.stdout.write(`${JSON.stringify(urls)}\n`);

function keep(those: Set<Socket>, socket: Socket): void {
  those.add(socket);
  // Whoever goes away without a word is gone, too.
  socket.on('error', () => socket.destroy());
  socket.once('close', () => those.delete(socket));
}

async function emit({ kind, ticks, pauseMs }: EmitQuestion): Promise<EmitAnswer> {
  const send = kind === 'socket-io' ? emitEvent : (text: string) => writeTo(sockets[kind], frameOf(text, false));
  const before = process.cpuUsage();
  for (const texts of ticks) {
    for (const text of texts) send(text);
    await pause(pauseMs);
  }
  const { user, system } = process.cpuUsage(before);
  return { cpuSeconds: (user + system) / 1e6 };
}

function writeTo(those: ReadonlySet<Socket>, bytes: Buffer): void {
  for (const socket of those) socket.write(bytes);
}

function emitEvent(text: string): void {
  const [name, ...args] = JSON.parse(text.slice(EVENT.length)) as [string, ...unknown[]];
  io.to(EVERYBODY).emit(name, ...args);
}
