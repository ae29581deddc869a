/** How a connection becomes a WebSocket with Engine.IO in it. */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';

const HEAD_END = '\r\n\r\n';

/** What comes behind the answer goes to `take`. Rejects if the other side does not want it. */
export function upgrade(socket: Socket, host: string, take: (bytes: Buffer) => void): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once('data', (answer: Buffer) => {
    const text = answer.toString('latin1');
    const end = text.indexOf(HEAD_END);
    if (!text.startsWith('HTTP/1.1 101') || end < 0) {
      socket.destroy();
      reject(new Error(text.slice(0, 40)));
      return;
    }
    socket.on('data', take);
    take(answer.subarray(end + HEAD_END.length));
    resolve();
  });
  socket.once('close', () => reject(new Error('closed')));
  const lines = [
    'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1',
    `Host: ${host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
  ];
  socket.write(lines.join('\r\n') + HEAD_END);
  return promise;
}
