/** A house with everybody in it: a Trusted Service whose clock can be set, one node on a file, and one who watches for the bench. */
import { join } from 'node:path';
import type { Size } from '../../client/bots/workload/sizes.ts';
import { TrustedServiceClient } from '../../shared/http-client.ts';
import { type Certificate, verifyRoot } from '../../shared/pki/verify-certificate.ts';
import type { BenchSettings } from '../bench.ts';
import { type Authority, type Node, startAuthority, startNode } from '../commands/houses.ts';
import { usageOf } from '../process-usage.ts';
import { Crowd } from './crowd.ts';
import { Director } from './director.ts';
import { LotBoard } from './lot-board.ts';
import { Member } from './member.ts';
import type { Place } from './messages.ts';
import { GatheredNotes, type Note } from './notes.ts';
import { Notices } from './notices.ts';

/** Everybody comes from one machine and enrols at once. */
const CROWDED = { GAVEL_ENROLMENTS_PER_ADDRESS: '100000', GAVEL_ENROLMENTS_PER_HOUR: '100000' };
/** How often the session of the one who watches is looked at. */
const BEAT_MS = 500;

export interface Stage {
  readonly size: Size;
  readonly authority: Authority;
  readonly node: Node;
  readonly root: Certificate;
  readonly operator: TrustedServiceClient;
  readonly crowd: Crowd;
  readonly board: LotBoard;
  readonly director: Director;
  /** As far as they were collected. */
  readonly noticed: Notices;
  /** Of the node, before anybody was there. */
  readonly emptyBytes: number;
  /** All files of notes; everything heard so far is in them. */
  notes(): string[];
}

/** Everybody is in the house, and no lot is listed. */
export async function openStage(given: BenchSettings, size: Size, closers: AsyncDisposableStack): Promise<Stage> {
  const settings = { ...given, env: { ...given.env, ...CROWDED, GAVEL_CLOCK: 'simulated' } };
  const authority = await startAuthority(settings);
  closers.defer(() => authority.child.stop());
  const node = await startNode('house', settings, authority);
  closers.defer(() => node.child.stop());
  const emptyBytes = usageOf(node.child.pid).residentBytes;
  const { url: trustedServiceUrl, rootPem } = authority;
  const place = { folder: settings.folder, trustedServiceUrl, rootPem, houseUrl: node.url };
  const { board, book } = await watch(place, size, closers);
  const termsOf = (lot: string) => board.find(lot)?.digest;
  const crowd = await Crowd.enrol({ settings, connections: size.connections, place, termsOf });
  closers.defer(() => crowd.stop());
  await crowd.enterAll();
  const root = verifyRoot(rootPem);
  const { operatorToken } = authority;
  const operator = new TrustedServiceClient({ baseUrl: trustedServiceUrl, root, operatorToken });
  closers.defer(() => operator.close());
  const notes = () => {
    book.flush();
    return [...crowd.notes, book.path];
  };
  const director = new Director({ size, board, people: crowd });
  return { size, authority, node, root, operator, crowd, board, director, noticed: new Notices(), emptyBytes, notes };
}

/** One more than all participants comes first, and hears everything. */
async function watch(
  place: Place,
  { connections: who }: Size,
  closers: AsyncDisposableStack,
): Promise<{ board: LotBoard; book: GatheredNotes }> {
  const book = new GatheredNotes(join(place.folder, 'notes-watcher.jsonl'));
  const note = (one: Note) => book.write(one);
  const board: LotBoard = new LotBoard(() => watcher.now(), note);
  const watcher = await Member.enrol({
    ...{ ...place, who, note },
    onEvent: (packet) => board.hear(packet),
    onTold: (_, to) => board.told(who, to),
    onNotice: () => undefined,
    onEnd: (reason) => {
      throw new Error(`the one who watches was thrown out: ${reason}`);
    },
  });
  await watcher.enter();
  note({ note: 'snapshot', who, position: watcher.announced ?? 0 });
  const beat = setInterval(() => {
    book.flush();
    void watcher.stay();
  }, BEAT_MS);
  closers.defer(async () => {
    clearInterval(beat);
    await watcher.leave();
  });
  return { board, book };
}
