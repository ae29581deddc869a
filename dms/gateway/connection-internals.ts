/** What Socket.IO has no words for: how much waits on a connection, and how it ends for certain. All looks below its surface are here. */
import type { Socket } from 'socket.io';
import type { Backlog } from './backlog.ts';
import type { Frames } from './frames.ts';

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

/** The part of an Engine.IO transport that is used here. */
interface TransportLike {
  /** Whether the system has taken everything that the transport was given. */
  readonly writable: boolean;
  readonly socket?: WebSocketLike;
}

/** What the engine keeps of a packet until it hands it on. */
interface WaitingPacket {
  readonly data?: unknown;
  readonly options?: { readonly wsPreEncodedFrame?: readonly Buffer[]; readonly frames?: number };
}

/** Sends the same to all. The engine takes the frames for one of its packets, so what was sent before and after keeps its order. */
export function sendToAll(sockets: readonly Socket[], { bytes, count }: Frames): void {
  const options = { compress: false, wsPreEncodedFrame: [bytes], frames: count };
  for (const { conn } of sockets) conn.write('', options as never);
}

const NOTHING = { packets: 0, bytes: 0 };

/** What waits to be sent on a connection because its other side does not read: packets, and about how many bytes. */
export function backlogOf(socket: Socket): Backlog {
  if (transportOf(socket.conn).writable) return NOTHING;
  // The engine hands packets on when those before are out; what it has handed on, the operating system has not taken yet.
  const { writeBuffer = [] } = socket.conn as unknown as { writeBuffer?: readonly WaitingPacket[] };
  const waiting = { packets: 0, bytes: webSocketOf(socket.conn)?.bufferedAmount ?? 0 };
  for (const { data, options } of writeBuffer) {
    waiting.packets += options?.frames ?? 1;
    waiting.bytes += options?.wsPreEncodedFrame?.[0]?.length ?? (typeof data === 'string' ? data.length : 0);
  }
  return waiting;
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

/** What is unread when a connection closes stays so: `ws` would read it then, and all in one piece, though nobody is left to be answered. */
export function leaveUnread(connection: Connection): void {
  const { socket } = connection.request;
  socket.prependOnceListener('close', () => void socket.read());
}

/** Lets go of the request that the connection began with, and of the token in it: kilobytes that would live as long as it. */
export function forgetRequest(socket: Socket): void {
  Object.assign(socket.conn, { request: null });
  socket.handshake.auth = {};
  socket.handshake.headers = {};
}

function webSocketOf(connection: Connection): WebSocketLike | undefined {
  return transportOf(connection).socket;
}

function transportOf(connection: Connection): TransportLike {
  return connection.transport as unknown as TransportLike;
}
