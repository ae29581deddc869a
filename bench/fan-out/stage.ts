/** A house with bidders, a bare server with its certificate, and processes full of watchers. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchSettings } from '../bench.ts';
import { Child } from '../child.ts';
import { type Authority, type Node, profiling, startAuthority, startNode } from '../commands/houses.ts';
import type { Bidding, CrowdAnswer, CrowdQuestion } from '../commands/messages.ts';
import { usageOf } from '../process-usage.ts';
import type { BareKind, EmitAnswer, EmitQuestion, Ticks } from './messages.ts';
import type { Place } from './sessions.ts';
import { FRAMES_PER_TICK } from './watched.ts';
import { type AllSeen, WatcherTeam } from './watcher-team.ts';

/** Few: they hear everything, too, and are not counted. */
const BIDDERS = 4;
const LOTS = 20;
const NODE = 'fan-out';
/** Everybody comes from this machine. */
const UNLIMITED = '999999';

interface StageOptions {
  readonly watchers: number;
  /** Without it a proxy in front would have it. */
  readonly hasTls: boolean;
}

export interface Announced {
  readonly heard: AllSeen;
  readonly ticks: Ticks;
  /** Of the house meanwhile. */
  readonly cpuSeconds: number;
}

export class Stage {
  readonly team: WatcherTeam;
  readonly node: Node;
  readonly #settings: BenchSettings;
  readonly #authority: Authority;
  readonly #crowd: Child;
  readonly #bare = new Map<string, { readonly child: Child; readonly urls: Readonly<Record<BareKind, string>> }>();

  private constructor(settings: BenchSettings, authority: Authority, node: Node, crowd: Child, team: WatcherTeam) {
    this.#settings = settings;
    this.#authority = authority;
    this.node = node;
    this.#crowd = crowd;
    this.team = team;
  }

  /** The bidders are in the house and its lots are listed when it resolves; nobody watches yet. */
  static async build(
    settings: BenchSettings,
    { watchers, hasTls }: StageOptions,
    closers: AsyncDisposableStack,
  ): Promise<Stage> {
    const { cores, signal, folder } = settings;
    const env = {
      ...settings.env,
      GAVEL_ENROLMENTS_PER_ADDRESS: UNLIMITED,
      GAVEL_ENROLMENTS_PER_HOUR: UNLIMITED,
    };
    const authority = await startAuthority({ ...settings, env });
    closers.defer(() => authority.child.stop());
    const process = { pinning: cores.server };
    const tls = hasTls ? {} : { GAVEL_DMS_TLS: 'off' };
    const node = await startNode(NODE, { ...settings, env: { ...settings.env, ...tls } }, authority, { process });
    closers.defer(() => node.child.stop());
    const file = fileURLToPath(new URL('../commands/crowd.ts', import.meta.url));
    const crowd = new Child({ pinning: cores.load, file, env: settings.env, signal });
    const team = new WatcherTeam(settings);
    const stage = new Stage(settings, authority, node, crowd, team);
    closers.defer(() => stage.#stopBare());
    closers.defer(() => crowd.stop());
    // First of all: to a watcher a server that goes away is a mistake.
    closers.defer(() => team.stop());
    const homes = join(folder, 'crowd');
    await mkdir(homes, { mode: 0o700 });
    const { url: trustedServiceUrl, rootPem } = authority;
    await stage.#ask({ type: 'enrol', folder: homes, trustedServiceUrl, rootPem, bidders: BIDDERS });
    await stage.#ask({ type: 'join', house: NODE, urls: [node.url], lots: LOTS });
    await stage.team.enrol(authority, watchers);
    return stage;
  }

  get house(): Place {
    return { kind: 'house', url: this.node.url, ca: this.#authority.rootPem };
  }

  /** Bids for so long, and what the house told its watchers of them. */
  async announce(everyMs: number, forMs: number): Promise<Announced> {
    await this.team.clear('house');
    const before = usageOf(this.node.child.pid).cpuSeconds;
    await this.#ask<Bidding>({ type: 'bid-steadily', house: NODE, everyMs, forMs });
    const heard = await this.team.seen('house');
    const ticks = heard.ticks.map((_, tick) => heard.texts.slice(tick * FRAMES_PER_TICK, (tick + 1) * FRAMES_PER_TICK));
    return { heard, ticks, cpuSeconds: usageOf(this.node.child.pid).cpuSeconds - before };
  }

  /** A place on a bare server; servers of different names are different processes. */
  async bare(kind: BareKind, name = 'bare'): Promise<Place> {
    const { urls } = this.#bare.get(name) ?? (await this.#startBare(name));
    return { kind, url: urls[kind], ca: this.#authority.rootPem };
  }

  emit(question: Omit<EmitQuestion, 'type'>, name = 'bare'): Promise<EmitAnswer> {
    return this.#started(name).ask<EmitQuestion, EmitAnswer>({ type: 'emit', ...question });
  }

  pidOf(name: string): number {
    return this.#started(name).pid;
  }

  async #stopBare(): Promise<void> {
    for (const { child } of this.#bare.values()) await child.stop();
  }

  #started(name: string): Child {
    const bare = this.#bare.get(name);
    if (bare === undefined) throw new Error(`no server ${name}`);
    return bare.child;
  }

  async #startBare(name: string): Promise<{ readonly child: Child; readonly urls: Record<BareKind, string> }> {
    const { cores, folder, env, signal, profile } = this.#settings;
    const file = fileURLToPath(new URL('./bare-server.ts', import.meta.url));
    const args = [join(folder, NODE, 'dms')];
    const nodeOptions = profiling(name, profile);
    const child = new Child({ pinning: cores.server, nodeOptions, file, args, env, signal });
    const started = { child, urls: JSON.parse(await child.line()) as Record<BareKind, string> };
    this.#bare.set(name, started);
    return started;
  }

  #ask<Answer extends CrowdAnswer>(question: CrowdQuestion): Promise<Answer> {
    return this.#crowd.ask<CrowdQuestion, Answer>(question);
  }
}
