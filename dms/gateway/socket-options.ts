/** How Socket.IO is set up: WebSockets alone, nothing compressed, small frames, short patience. */
import type { ServerOptions } from 'socket.io';
import { MAX_ENVELOPE_BYTES } from '../../shared/wire/limits.ts';

/** A connection that has not asked to be let in by then never will, or is not ours. */
export const CONNECT_LIMIT_MS = 3_000;
/** A dead connection is noticed within the sum of the two. */
const PING_INTERVAL_MS = 20_000;
const PING_LIMIT_MS = 20_000;

export const SOCKET_OPTIONS: Partial<ServerOptions> = {
  transports: ['websocket'],
  maxHttpBufferSize: MAX_ENVELOPE_BYTES,
  perMessageDeflate: false,
  httpCompression: false,
  connectTimeout: CONNECT_LIMIT_MS,
  pingInterval: PING_INTERVAL_MS,
  pingTimeout: PING_LIMIT_MS,
  serveClient: false,
};
