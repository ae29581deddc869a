/** How the servers are run that stand beside the house. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { BenchSettings } from '../bench.ts';
import type { ChildOptions } from '../child.ts';
import { profiling } from '../commands/houses.ts';
import { BIDDERS } from './halls.ts';
import type { Yardstick } from './messages.ts';

/** What a yardstick has to know of the house. */
export interface BesideHouse {
  /** The home of the node whose certificate it shows. */
  readonly home: string;
  /** Of an answer, on average. */
  readonly answerBytes: number;
}

export interface YardstickProgram {
  readonly side: Yardstick;
  run(house: BesideHouse): Pick<ChildOptions, 'runtime' | 'nodeOptions' | 'file' | 'args'>;
}

/** With seats, each connection's commands are opened and verified there. */
function node(side: Yardstick, seats: number, { profile }: BenchSettings): YardstickProgram {
  return {
    side,
    run: ({ home, answerBytes }) => ({
      nodeOptions: profiling(side, profile),
      file: fileURLToPath(new URL('./yardstick-server.ts', import.meta.url)),
      args: [home, String(answerBytes), String(seats)],
    }),
  };
}

export function emptyServer(settings: BenchSettings): YardstickProgram {
  return node('empty', 0, settings);
}

export function verifyingServer(settings: BenchSettings): YardstickProgram {
  return node('verifying', BIDDERS, settings);
}

/** The first that is found may be somebody's own, without the system's packages. */
const PYTHONS = ['python3', '/usr/bin/python3'];

/** Throws with what to install where there is no Python with what that design was made of. */
export async function earlierDesign(): Promise<YardstickProgram> {
  const failures: unknown[] = [];
  for (const runtime of PYTHONS) {
    try {
      await promisify(execFile)(runtime, ['-c', 'import cryptography, eventlet, flask_socketio']);
      const file = fileURLToPath(new URL('./earlier_design.py', import.meta.url));
      return { side: 'earlier', run: ({ home }) => ({ runtime, file, args: [home] }) };
    } catch (error) {
      failures.push(error);
    }
  }
  const packages = 'python3-cryptography, python3-eventlet and python3-flask-socketio in Debian';
  throw new AggregateError(failures, `the earlier design needs Python with these packages: ${packages}`);
}
