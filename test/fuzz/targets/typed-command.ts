/** A line that somebody typed, or a program wrote: what comes of it, the house would take, and the line can be written again. */
import { isDeepStrictEqual } from 'node:util';
import { ClientError, type ClientErrorCode } from '../../../client/client-error.ts';
import { COMMANDS } from '../../../client/commands/command-table.ts';
import { parseInputLine } from '../../../client/commands/input-line.ts';
import { formatList, type Intent } from '../../../client/commands/intent.ts';
import { LotTerms } from '../../../shared/wire/commands.ts';
import { CommandId, Instant, LotId } from '../../../shared/wire/vocabulary.ts';
import type { Choice } from '../choice.ts';
import { CORPUS } from '../corpus.ts';
import { mutateJson } from '../mutate-json.ts';
import { mutateText } from '../mutate-text.ts';
import { demand, demandDiscreet, type Target } from '../target.ts';

/** What is said of a line, and of nothing else. */
const CODES: readonly ClientErrorCode[] = [
  ...(['command-unknown', 'command-malformed', 'json-malformed', 'amount-malformed', 'amount-too-large'] as const),
  ...(['currency-unknown', 'date-malformed', 'date-in-past', 'extension-malformed', 'title-malformed'] as const),
  ...(['description-malformed', 'lot-malformed', 'id-malformed'] as const),
];
const NOW = CORPUS.now as Instant;
const ID = '5f0c4a52-0c1f-4f0e-9b1a-3a6a5c0d8e21';

const lines = [
  ...COMMANDS.flatMap(({ examples }) => examples),
  `/bid ${ID} 120.00 --yes --repeat ${ID}`,
  '/list "Oak \\"desk\\"" 0.01 2027-01-31T18:00:00.5+01:00 --currency KWD --description "Two\\nlines" --extension 5m,1h,2d',
  '/list Oak 100 tomorrow 18:00 --increment=5 --currency=JPY --extension 90s',
  '/settime 1999-12-31T23:59Z',
  '{"id":1,"command":"bid","lot":7,"amount":"120.00","yes":true}',
  `{"id":"a","command":"list","title":"Oak desk","price":"1.00","closes":"+1w2d3h4m5s","repeat":"${ID}"}`,
];
/** Whole words of the grammar, so that a mutant says something else, and not only nothing. */
const WORDS = [
  ...COMMANDS.flatMap(({ name, options }) => [`/${name}`, ...options.map((option) => `--${option.name}`)]),
  ...[
    '7',
    '#7',
    '0',
    '-1',
    '1e9',
    '9007199254740993',
    '999999999999999',
    ID,
    ID.toUpperCase(),
    '120.005',
    '1000000000000.00',
  ],
  ...[
    '+1s',
    '+999w',
    '+0s',
    '+9999d',
    '23:59',
    '24:00',
    'today 00:00',
    '9999-12-31T23:59:59.999Z',
    '0001-01-01T00:00Z',
  ],
  ...[
    '1969-12-31T23:59:59Z',
    '9999-12-31T23:59:59-14:00',
    '2024-02-30T00:00Z',
    '1m,1m,9999d',
    '24h,24h,999w',
    '1s,2s,3s,4s',
  ],
  ...[
    'EUR',
    'eur',

    'ZZZ',
    'CLF',
    '""',
    '"\\',
    '"a\\"b"',
    '--',
    '--yes=1',
    '--currency=',
    '=',
    '\u3000',
    '--extension',
  ],
];

function mutate(line: string, choice: Choice, other: string): string {
  if (line.startsWith('{') && !choice.oneIn(8)) return mutateJson(line, choice, other.startsWith('{') ? other : '{}');
  if (choice.oneIn(2)) return mutateText(line, choice, other);
  const words = line.split(' ');
  const at = choice.below(words.length + 1);
  return words.toSpliced(at, choice.below(2), choice.of(WORDS)).join(' ');
}

function judge(line: string): string {
  let intent: Intent;
  try {
    const read = parseInputLine(line);
    // Its answer comes back under the same name.
    demand(isRepeatable(read.id), 'the id can not be repeated');
    intent = read.parse(NOW);
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    demand(CODES.includes(error.code), `'${error.code}' is not said of a line`);
    demandDiscreet(error.detail);
    return error.code;
  }
  demandSendable(intent);
  return 'accepted';
}

function isRepeatable(id: string | number | undefined): boolean {
  if (typeof id === 'number') return Math.abs(id) <= Number.MAX_SAFE_INTEGER;
  return id === undefined || id.length <= 200;
}

/** What the house would not even look at is no intent. */
function demandSendable(intent: Intent): void {
  if (intent.name === 'list') demandListing(intent);
  if (intent.name === 'settime') demand(Instant.safeParse(intent.time).success, 'no such time');
  if ('lot' in intent) {
    const isLot = Number.isSafeInteger(intent.lot) ? Number(intent.lot) > 0 : LotId.safeParse(intent.lot).success;
    demand(isLot, 'no such lot');
  }
  if ('repeat' in intent) demand(CommandId.safeParse(intent.repeat).success, 'no such id');
}

function demandListing({ terms, repeat = ID as CommandId }: Intent & { name: 'list' }): void {
  const parsed = LotTerms.safeParse(terms);
  demand(parsed.success, `the house would refuse the terms: ${parsed.error?.message}`);
  // After the same command is sent again, there is the same lot.
  const again = parseInputLine(formatList(terms, repeat)).parse(NOW);
  demand(isDeepStrictEqual(again, { name: 'list', terms, repeat }), 'written again it is another listing');
}

export const typedCommand: Target<string> = {
  name: 'typed-command',
  reaches: ['accepted', 'command-unknown', 'command-malformed', 'json-malformed', 'lot-malformed', 'date-malformed'],
  prepare: () => ({ valid: lines, mutate, judge }),
};
