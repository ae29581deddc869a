/** What a process has used so far, from the operating system's own books: proc(5) of Linux. */
import { existsSync, readFileSync } from 'node:fs';

export interface Usage {
  /** Of all threads, user and system, in seconds. */
  readonly cpuSeconds: number;
  /** The same of the thread in which the process began: of Node's, the one that runs the program. */
  readonly mainThreadSeconds: number;
  readonly residentBytes: number;
}

/** USER_HZ, in which proc(5) counts: 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;
const BYTES_PER_KB = 1_024;

/** The books of a process that runs; NaN in all where the system keeps none. */
export function usageOf(pid: number): Usage {
  if (!existsSync('/proc/self/stat'))
    return { cpuSeconds: Number.NaN, mainThreadSeconds: Number.NaN, residentBytes: Number.NaN };
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mainThread = readFileSync(`/proc/${pid}/task/${pid}/stat`, 'utf8');
  return {
    cpuSeconds: parseCpuTicks(stat) / TICKS_PER_SECOND,
    mainThreadSeconds: parseCpuTicks(mainThread) / TICKS_PER_SECOND,
    residentBytes: parseResidentKb(status) * BYTES_PER_KB,
  };
}

/** What the main thread alone, in Node the one with the event loop, has used so far and has waited for a core, in seconds. NaN where nobody counts. */
export function mainThreadOf(pid: number): { readonly cpuSeconds: number; readonly waitedSeconds: number } {
  const folder = `/proc/${pid}/task/${pid}`;
  if (!existsSync(`${folder}/schedstat`)) return { cpuSeconds: Number.NaN, waitedSeconds: Number.NaN };
  const [ran = Number.NaN, waited = Number.NaN] = readFileSync(`${folder}/schedstat`, 'utf8').split(' ').map(Number);
  return { cpuSeconds: ran / 1e9, waitedSeconds: waited / 1e9 };
}

/** Fields 14 and 15. The second field is the program's name in brackets, which may hold blanks and brackets. */
export function parseCpuTicks(stat: string): number {
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  return Number(user) + Number(system);
}

function parseResidentKb(status: string): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
}
