/** What Socket.IO has no words for: how much waits on a connection, and how it ends for certain. All looks below its surface are here. */
import type { Socket } from 'socket.io';

/** How long the last words may take. Who does not read them is cut off without. */
const LAST_WORDS_MS = 1_000;

/** The part of a `ws` connection that is used here; Engine.IO has it in its transport, and does not say so in its types. */
interface WebSocketLike {
  readonly bufferedAmount: number;
  once(event: 'close', listener: () => void): unknown;
  terminate(): void;
  pause(): void;
  resume(): void;
}

/** A connection below Socket.IO: what its engine calls a socket. */
type Connection = Socket['conn'];

/** What waits to be sent on a connection because its other side does not read: packets, and about how many bytes. */
export function backlogOf(socket: Socket): { packets: number; bytes: number } {
  // The engine hands packets on when those before are out; what it has handed on, the operating system has not taken yet.
  const { writeBuffer = [] } = socket.conn as unknown as { writeBuffer?: readonly { data?: unknown }[] };
  const waiting = writeBuffer.reduce((sum, { data }) => sum + (typeof data === 'string' ? data.length : 0), 0);
  return { packets: writeBuffer.length, bytes: waiting + (webSocketOf(socket.conn)?.bufferedAmount ?? 0) };
}

/** Connections that are being ended. */
const ending = new WeakSet<Connection>();

/** Ends a connection when what was emitted is out, and in any case soon. */
export function cutOff(socket: Socket): void {
  if (ending.has(socket.conn)) return;
  ending.add(socket.conn);
  const webSocket = webSocketOf(socket.conn);
  // After the packets of this turn, of which the last words are one.
  setImmediate(() => {
    if (socket.connected) socket.disconnect(true);
    else socket.conn.close();
  });
  // The engine calls a connection closed when it has asked for it; the other side may leave that unread for ever.
  const timer = setTimeout(() => webSocket?.terminate(), LAST_WORDS_MS);
  webSocket?.once('close', () => clearTimeout(timer));
}

/** Ends a connection at once: not even what has arrived already is read. */
export function destroy(connection: Connection): void {
  const webSocket = webSocketOf(connection);
  connection.close(true);
  webSocket?.terminate();
}

/** Leaves unread what the other side sends, until it is wanted again. */
export function pauseReading(connection: Connection): void {
  webSocketOf(connection)?.pause();
}

export function resumeReading(connection: Connection): void {
  webSocketOf(connection)?.resume();
}

/** Lets go of the request that the connection began with, and of the token in it: kilobytes that would live as long as it. */
export function forgetRequest(socket: Socket): void {
  Object.assign(socket.conn, { request: null });
  socket.handshake.auth = {};
  socket.handshake.headers = {};
}

function webSocketOf(connection: Connection): WebSocketLike | undefined {
  return (connection.transport as unknown as { socket?: WebSocketLike }).socket;
}
