/** What a process of Node's keeps in memory, after its garbage is collected: asked through its inspector. */
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';

/** Bytes. */
export interface MemoryInUse {
  /** What the program holds: its heap, and what it has outside of it. */
  readonly held: number;
  /** What the system has given to the whole process, all its threads. */
  readonly resident: number;
}

/** It is at rest when it holds as much as half a second before, but for this part. */
const AT_REST = 0.002;
const LOOK_MS = 500;
const MAX_LOOKS = 60;

/** Of the process whose inspector listens there (`--inspect`), once it is at rest. */
export async function memoryInUse(port: number): Promise<MemoryInUse> {
  const [target] = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as [
    { webSocketDebuggerUrl: string },
  ];
  const socket = new WebSocket(target.webSocketDebuggerUrl);
  await once(socket, 'open');
  try {
    let before = await look(socket);
    for (let looks = 0; looks < MAX_LOOKS; looks += 1) {
      await pause(LOOK_MS);
      const now = await look(socket);
      if (Math.abs(now.held - before.held) < AT_REST * before.held) return now;
      before = now;
    }
    throw new Error('the process does not come to rest');
  } finally {
    socket.close();
  }
}

async function look(socket: WebSocket): Promise<MemoryInUse> {
  await call(socket, 1, 'HeapProfiler.collectGarbage', {});
  const { result } = await call(socket, 2, 'Runtime.evaluate', {
    expression: 'process.memoryUsage()',
    returnByValue: true,
  });
  const { heapUsed, external, rss } = (result as { value: Record<'heapUsed' | 'external' | 'rss', number> }).value;
  return { held: heapUsed + external, resident: rss };
}

async function call(socket: WebSocket, id: number, method: string, params: object): Promise<Record<string, unknown>> {
  const answered = once(socket, 'message');
  socket.send(JSON.stringify({ id, method, params }));
  const [{ data }] = (await answered) as [{ readonly data: string }];
  const answer = JSON.parse(data) as { id?: number; result: Record<string, unknown> };
  if (answer.id !== id) throw new Error(`the inspector said something else: ${data}`);
  return answer.result;
}
