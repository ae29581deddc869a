/** A process of participants who mean harm: sends what must be refused, at its pace, until it is ended or killed. */
import { setTimeout as pause } from 'node:timers/promises';
import { AuctionMark } from '../../client/bots/workload/auction-mark.ts';
import { createRandom } from '../../client/bots/workload/random.ts';
import { TrustedServiceClient } from '../../shared/http-client.ts';
import { authorityName } from '../../shared/pki/trust-anchors.ts';
import { verifyRoot } from '../../shared/pki/verify-certificate.ts';
import type { KnownService } from '../support/hand-participant.ts';
import { Intruder, type IntruderParts } from './intruder.ts';
import type { HostileSettings } from './messages.ts';
import { NoteBook } from './note-book.ts';

/** How often they look what there is to bid on. */
const LOOK_MS = 500;
const AGAIN_MS = 500;

const log = (error: unknown) => void process.stderr.write(`${String(error)}\n`);

/** Of an authority that is killed now and then. An answer that was lost may have taken the name. */
async function enrolled(parts: Omit<IntruderParts, 'username'>, name: string): Promise<Intruder> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await Intruder.enrol({ ...parts, username: `${name}-${attempt}` });
    } catch (error) {
      log(error);
      await pause(AGAIN_MS);
    }
  }
}

async function harm(settings: HostileSettings, index: number, life: string, book: NoteBook): Promise<never> {
  const { rootPem, trustedServiceUrl: baseUrl, dmsUrl: url, perSecond, connections, seed } = settings;
  const root = verifyRoot(rootPem);
  const client = new TrustedServiceClient({ baseUrl, root });
  const known: KnownService = { client, authority: authorityName(root), now: () => Date.now() };
  const random = createRandom(`${seed} ${life} ${index}`);
  const mark = new AuctionMark(random, { sellers: 1, buyers: 1 });
  const intruder = await enrolled({ known, url, root: rootPem }, `intruder-${life}-${index}`);
  for (let looked = Number.NEGATIVE_INFINITY; ; ) {
    await pause(mark.pauseMs(perSecond / connections));
    try {
      if (!intruder.isIn) await intruder.enter();
      if (performance.now() - looked > LOOK_MS) {
        await intruder.look();
        looked = performance.now();
      }
      const move = mark.hostileMove();
      const answer = await intruder.make(move, (count) => random.below(count));
      if (answer === undefined) continue;
      const code = answer.outcome === 'refused' ? answer.code : answer.outcome;
      book.write({ note: 'harmed', who: index, move, isAccepted: answer.outcome === 'accepted', code });
    } catch (error) {
      // Cut off in the middle of it, or let in no more: again, in a new session.
      log(error);
      intruder.leave();
    }
  }
}

process.on('message', (settings: HostileSettings) => {
  const book = new NoteBook(settings.notes);
  for (let index = 0; index < settings.connections; index += 1) void harm(settings, index, settings.life, book);
});
process.once('disconnect', () => process.exit());
process.stdout.write('ready\n');
