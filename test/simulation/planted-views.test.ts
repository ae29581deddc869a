/** Bugs in what a node tells, shows and refuses, planted one at a time, as in `planted-bugs.test.ts`. */
import { vi } from 'vitest';
import type { AuctionHouse } from '../../dms/auction-house.ts';
import type { FreshStamp } from '../../dms/intake/stages.ts';
import { Announcer } from '../../dms/publication/announcer.ts';
import { ProtocolError } from '../../shared/errors.ts';
import type { Announcement } from '../../shared/wire/announcements.ts';
import type { Position } from '../../shared/wire/vocabulary.ts';
import { findEach } from './first-finding.ts';
import { insteadOf } from './plant.ts';

const planted = vi.hoisted(() => ({ bug: '' }));
const isPlanted = (bug: string) => planted.bug === bug;

vi.mock('../../dms/commit/house-state.ts', async (load) => {
  const real = await load<typeof import('../../dms/commit/house-state.ts')>();
  type State = InstanceType<typeof real.HouseState>;
  class Silent extends real.HouseState {
    override catchUp(...[journal, onStep]: Parameters<State['catchUp']>): Promise<void> {
      return super.catchUp(journal, isPlanted('what is caught up with is not told') ? () => undefined : onStep);
    }

    override takeIn(...[records, onStep]: Parameters<State['takeIn']>): void {
      const times = isPlanted('what another node recorded is told twice') && this.position % 7 === 0 ? 2 : 1;
      super.takeIn(records, (step) => {
        for (let time = 0; time < times; time += 1) onStep(step);
      });
    }
  }
  return { ...real, HouseState: Silent };
});

vi.mock('../../dms/intake/verify-stamp.ts', async (load) => {
  const real = await load<typeof import('../../dms/intake/verify-stamp.ts')>();
  const stale = (): never => {
    throw new ProtocolError('timestamp-stale');
  };
  const verifyStamp: typeof real.verifyStamp = async (signed, arrived, trust) => {
    const { time } = trust;
    // Who hears of a new epoch by a stamp takes it for one of an old epoch.
    const reach = async () => stale();
    if (isPlanted('a stamp of a new epoch is stale'))
      return real.verifyStamp(signed, arrived, { ...trust, time: insteadOf(time, { reach }) });
    const stamp: FreshStamp = await real.verifyStamp(signed, arrived, trust);
    if (isPlanted('a second is too old') && stamp.at < time.at(arrived) - 1_000) stale();
    return stamp;
  };
  return { ...real, verifyStamp };
});

vi.mock('../../dms/auction/queries.ts', async (load) => {
  const real = await load<typeof import('../../dms/auction/queries.ts')>();
  type Page = typeof real.cataloguePage;
  // Who asks for the catalogue names a place in it; the snapshot begins at the beginning.
  const cataloguePage = (...asked: Parameters<Page>): ReturnType<Page> => {
    const page = real.cataloguePage(...asked);
    const isSnapshot = asked.length === 2;
    if (!isPlanted('a snapshot without what is over') || !isSnapshot) return page;
    return { ...page, lots: page.lots.filter(({ status }) => status === 'open') };
  };
  return { ...real, cataloguePage };
});

vi.mock('../../dms/intake/find-repeat.ts', async (load) => {
  const real = await load<typeof import('../../dms/intake/find-repeat.ts')>();
  const findRepeat: typeof real.findRepeat = (signed, house) =>
    isPlanted('an id answers anybody') ? house.recorded(signed.claims.id)?.answer : real.findRepeat(signed, house);
  return { ...real, findRepeat };
});

/** Never looks at what other nodes have recorded before it answers. */
function unwary(house: AuctionHouse): AuctionHouse {
  return insteadOf(house, { refresh: async () => undefined });
}

/** Says that nothing was missed to who has heard more than it knows of. */
class ShortAnnouncer extends Announcer {
  override missed(since: Position): Announcement[] | undefined {
    return since > this.position ? [] : super.missed(since);
  }
}

findEach(planted, [
  { bug: 'what is caught up with is not told', rule: /positions are dense/ },
  { bug: 'what another node recorded is told twice', rule: /positions are dense/ },
  { bug: 'a node that is behind shows what it knows', rule: /led back/, plant: { house: unwary }, from: 425 },
  {
    bug: 'a node that is behind says that nothing was missed',
    rule: /led back/,
    plant: { house: unwary, announcer: (from) => new ShortAnnouncer(from) },
    from: 425,
  },
  { bug: 'a stamp of a new epoch is stale', rule: /no fresh stamp is refused/ },
  { bug: 'a second is too old', rule: /no fresh stamp is refused/ },
  { bug: 'a snapshot without what is over', rule: /a snapshot holds every lot/ },
  { bug: 'an id answers anybody', rule: /an id is answered to its own signer/ },
]);
