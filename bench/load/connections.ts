/** Kept-alive TLS connections to one server, each of which sends its next request when it has the answer to the last. */
import { Client } from 'undici';
import type { LoadResult, LoadTarget, Sample } from './messages.ts';

/** One answer in this many is kept. A prime number, so that it does not keep step with anything. */
const SAMPLE_EVERY = 997;

export class Connections {
  readonly #target: LoadTarget;
  readonly #path: string;
  readonly #clients: readonly Client[];
  #sent = 0;

  private constructor(target: LoadTarget) {
    const { origin, pathname } = new URL(target.url);
    const options = { connect: { ca: target.ca, minVersion: 'TLSv1.3' as const }, pipelining: 1, allowH2: false };
    this.#target = target;
    this.#path = pathname;
    this.#clients = Array.from({ length: target.connections }, () => new Client(origin, options));
  }

  /** Each connection is made with its first request. */
  static async open(target: LoadTarget): Promise<Connections> {
    const connections = new Connections(target);
    await Promise.all(connections.#clients.map((client) => connections.#ask(client)));
    return connections;
  }

  /** Loads the server for so long; then waits for what is under way. */
  async run(ms: number, count: number = this.#clients.length): Promise<LoadResult> {
    const tally = { latenciesMs: [] as number[], samples: [] as Sample[], marked: 0, answerBytes: 0 };
    const began = performance.now();
    const until = began + ms;
    const work = async (client: Client) => {
      for (let at = began; at < until; ) {
        at = performance.now();
        const { request, answer } = await this.#ask(client);
        const latencyMs = performance.now() - at;
        if (tally.latenciesMs.push(latencyMs) % SAMPLE_EVERY === 1) tally.samples.push({ request, answer });
        if (answer.includes(this.#target.mark)) tally.marked += 1;
        tally.answerBytes += answer.length;
      }
    };
    await Promise.all(this.#clients.slice(0, count).map(work));
    return { ...tally, elapsedMs: performance.now() - began };
  }

  async #ask(client: Client): Promise<Sample> {
    const { bodies, name } = this.#target;
    const request = bodies[this.#sent++ % bodies.length] as string;
    const headers = { 'content-type': 'application/json', accept: 'application/json' };
    const { statusCode, body } = await client.request({ path: this.#path, method: 'POST', headers, body: request });
    const answer = await body.text();
    if (statusCode !== 200) throw new Error(`${name} answered ${statusCode}: ${answer}`);
    return { request, answer };
  }
}
