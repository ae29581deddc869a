/** `gavel client` and `gavel bot` in this process, with what they are given and what they say. */
import { PassThrough } from 'node:stream';
import type { BotOptions } from '../../client/bots/bot-options.ts';
import { runClient } from '../../client/main.ts';
import type { ClientOptions } from '../../client/options.ts';

/** A line of standard output. */
export interface Said {
  readonly type: string;
  readonly at: number;
  readonly simulated: boolean;
  readonly data: Record<string, unknown>;
}

/** Runs in JSON, unless told otherwise. */
export function startLineProgram(
  options: ClientOptions | BotOptions,
  env: Readonly<Record<string, string | undefined>>,
  run: typeof runClient = runClient,
) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const stop = new AbortController();
  let [text, complaints] = ['', ''];
  stdout.on('data', (chunk) => {
    text += chunk;
  });
  stderr.on('data', (chunk) => {
    complaints += chunk;
  });
  const io = { stdin, stdout, stderr, env, signal: stop.signal };
  return {
    stdin,
    stdout,
    stop,
    exit: run({ json: true, ...options }, io),
    text: () => text,
    complaints: () => complaints,
    said: () =>
      text
        .split('\n')
        .slice(0, -1)
        .map((line): Said => JSON.parse(line)),
  };
}

/** What answers a line. */
export function answerTo(said: readonly Said[], line: number): Said | undefined {
  return said.find(({ data }) => data['line'] === line);
}
