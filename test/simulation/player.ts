/** A thread of `npm run simulate`: plays fresh towns for so many minutes, and tells of each. */
import { randomBytes } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { simulate } from './simulate.ts';

const until = performance.now() + (workerData as { minutes: number }).minutes * 60_000;
do parentPort?.postMessage(await simulate(randomBytes(4).toString('hex')));
while (performance.now() < until);
