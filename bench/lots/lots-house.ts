/** The house of these figures: a Trusted Service whose clock can be set, one node, and people in processes of their own. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchSettings } from '../bench.ts';
import { Child } from '../child.ts';
import { type Authority, type Node, type NodeOptions, startAuthority, startNode } from '../commands/houses.ts';
import type { HallAnswer, HallQuestion } from './messages.ts';

const VISITORS = fileURLToPath(new URL('./visitors.ts', import.meta.url));
/** The node's folder of state. */
const NODE = 'node';

/** People who do what they are told. */
export interface Visitors {
  ask<Answer extends HallAnswer>(question: HallQuestion): Promise<Answer>;
}

export class LotsHouse {
  readonly #settings: BenchSettings;
  readonly #closers: AsyncDisposableStack;
  readonly authority: Authority;

  private constructor(settings: BenchSettings, closers: AsyncDisposableStack, authority: Authority) {
    this.#settings = settings;
    this.#closers = closers;
    this.authority = authority;
  }

  /** Gives `use` a house of which the Trusted Service runs already, and ends whatever was started in it. */
  static async during<Result>(given: BenchSettings, use: (house: LotsHouse) => Promise<Result>): Promise<Result> {
    const settings = { ...given, env: { ...given.env, GAVEL_CLOCK: 'simulated' } };
    await using closers = new AsyncDisposableStack();
    const authority = await startAuthority(settings);
    closers.defer(() => authority.child.stop());
    return await use(new LotsHouse(settings, closers, authority));
  }

  /** Where a node of this name has its state. */
  homeOf(name: string = NODE): string {
    return join(this.#settings.folder, name);
  }

  async openNode({ name = NODE, ...options }: NodeOptions & { readonly name?: string } = {}): Promise<Node> {
    const node = await startNode(name, this.#settings, this.authority, options);
    this.#closers.defer(() => node.child.stop());
    return node;
  }

  /** So many, enrolled. */
  async invite(group: string, people: number): Promise<Visitors> {
    const { signal, env, folder } = this.#settings;
    const visitors = new Child({ pinning: [], file: VISITORS, env, signal });
    this.#closers.defer(() => visitors.stop());
    const home = join(folder, group);
    await mkdir(home, { mode: 0o700 });
    const usernames = Array.from({ length: people }, (_, number) => `${group}-${number}`);
    const { url: trustedServiceUrl, rootPem } = this.authority;
    const asked: Visitors = { ask: (question) => visitors.ask(question) };
    await asked.ask({ type: 'enrol', folder: home, trustedServiceUrl, rootPem, usernames });
    return asked;
  }
}
