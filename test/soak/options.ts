/** What a soak can be told. */
import { parseArgs } from 'node:util';
import { AUCTION_MARK_MIX, BROKER_MIX, type Mix } from '../../client/bots/workload/auction-mark.ts';
import { SIZES, type Size, steadyRate } from '../../client/bots/workload/sizes.ts';

export interface SoakOptions {
  readonly ms: number;
  readonly size: Size;
  readonly mix: Mix;
  /** Operations a second, without listings: these come as lots close. */
  readonly rate: number;
  /** Commands a second that are wrong in some way. */
  readonly hostile: number;
  readonly seed: string;
  /** Processes of participants. */
  readonly processes: number;
  /** Two nodes on a journal in PostgreSQL. */
  readonly isShared: boolean;
}

export const USAGE = `npm run soak -- [options]
  --minutes <number>               how long; 30 if not given
  --size <S|M|L>                   50, 500 or 2000 participants; S if not given
  --mix <broker|auction-mark>      whether most bid or most look; broker if not given
  --rate <number>                  operations a second; as many as keep the number of lots, if not given
  --hostile <number>               wrong commands a second; as many as operations, if not given
  --seed <text>                    draws the same workload and the same deaths again; drawn if not given
  --processes <number>             processes of participants; 2 to 4 by size, if not given
  --journal <postgres|sqlite>      two nodes on a database, or one on a file; postgres where its programs are
`;

const PROCESSES = { S: 2, M: 4, L: 4 } as const;

/** What is wrong with them is thrown, as an error with a sentence. `hasPostgres` is asked only where nothing is said. */
export function parseOptions(args: readonly string[], newSeed: () => string, hasPostgres: () => boolean): SoakOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '30' },
      size: { type: 'string', default: 'S' },
      mix: { type: 'string', default: 'broker' },
      rate: { type: 'string' },
      hostile: { type: 'string' },
      seed: { type: 'string' },
      processes: { type: 'string' },
      journal: { type: 'string' },
    },
  });
  const name = oneOf('--size', values.size, ['S', 'M', 'L'] as const);
  const mix =
    oneOf('--mix', values.mix, ['broker', 'auction-mark'] as const) === 'broker' ? BROKER_MIX : AUCTION_MARK_MIX;
  const size = SIZES[name];
  const { processes, journal, seed = newSeed() } = values;
  const rate = values.rate === undefined ? steadyRate(size, mix) : positive('--rate', values.rate);
  return {
    ms: positive('--minutes', values.minutes) * 60_000,
    size,
    mix,
    rate,
    hostile: values.hostile === undefined ? rate : positive('--hostile', values.hostile),
    seed,
    processes: processes === undefined ? PROCESSES[name] : Math.ceil(positive('--processes', processes)),
    isShared:
      journal === undefined
        ? hasPostgres()
        : oneOf('--journal', journal, ['postgres', 'sqlite'] as const) === 'postgres',
  };
}

function oneOf<Word extends string>(option: string, given: string, words: readonly Word[]): Word {
  const word = words.find((one) => one === given);
  if (word === undefined) throw new Error(`${option} is one of ${words.join(', ')}`);
  return word;
}

function positive(option: string, given: string): number {
  const number = Number(given);
  if (!(number > 0 && Number.isFinite(number))) throw new Error(`${option} is a number above 0`);
  return number;
}
