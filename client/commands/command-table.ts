/** Every command there is, once: the parser, the completion, /help, --help and docs/CLIENT.md read this table. */

/** What a word means, for the completion: `lot` offers every lot, `open-lot` those that take bids. */
export type ParameterKind = 'lot' | 'open-lot' | 'amount' | 'closing' | 'time' | 'command';

/** A word that a command takes by its place. The last one may take all the words that are left. */
export interface Parameter {
  readonly name: string;
  readonly help: string;
  /** What is offered for it while it is typed; nothing if not given. */
  readonly kind?: ParameterKind;
  readonly rest?: true;
  readonly optional?: true;
}

/**
 * A word that a command takes by its name: typed as `--name value`, or as a member of a JSON command. One without a
 * value is there or not: `--name`, or `"name": true`.
 */
export interface CommandOption {
  readonly name: string;
  readonly value?: string;
  readonly help: string;
}

export interface CommandSpec {
  readonly name: string;
  readonly summary: string;
  readonly parameters: readonly Parameter[];
  readonly options: readonly CommandOption[];
  readonly examples: readonly string[];
}

const repeat: CommandOption = {
  name: 'repeat',
  value: 'ID',
  help: 'send the command again under the id that was told with outcome-unknown; it is recorded once at most',
};

const yes: CommandOption = {
  name: 'yes',
  help: 'do not ask, even if it is at least twice the next valid bid and more than ten increments above it',
};

const LOT_HELP = "the lot's short number or its id";

export const COMMANDS = [
  {
    name: 'list',
    summary: 'offer a lot',
    parameters: [
      { name: 'title', help: 'one line, in double quotes if it has blanks' },
      { name: 'price', help: 'the starting price, such as 100.00' },
      {
        name: 'closes',
        kind: 'closing',
        help: '+10m, +1h30m, 18:00, tomorrow 18:00, or a date such as 2030-01-31T18:00',
        rest: true,
      },
    ],
    options: [
      {
        name: 'increment',
        value: 'AMOUNT',
        help: 'the least by which a bid outbids another; the smallest coin if not given',
      },
      { name: 'currency', value: 'CODE', help: 'an ISO 4217 code; EUR if not given' },
      { name: 'description', value: 'TEXT', help: 'what there is to know about the lot' },
      {
        name: 'extension',
        value: 'WINDOW[,BY[,UNTIL]]',
        help: 'soft closing: a bid in the last WINDOW moves the closing to BY after it, at most UNTIL beyond the first closing; BY is WINDOW and UNTIL is 1h if not given',
      },
      repeat,
    ],
    examples: ['/list "Oak desk" 100.00 +10m', '/list Atlas 40 tomorrow 18:00 --increment 5.00 --extension 2m'],
  },
  {
    name: 'bid',
    summary: 'bid on a lot',
    parameters: [
      { name: 'lot', kind: 'open-lot', help: LOT_HELP },
      { name: 'amount', kind: 'amount', help: "in the lot's currency, such as 120.00" },
    ],
    options: [yes, repeat],
    examples: ['/bid 1 120.00'],
  },
  { name: 'allitems', summary: 'all lots of the house', parameters: [], options: [], examples: ['/allitems'] },
  { name: 'myitems', summary: 'the lots that you offer', parameters: [], options: [], examples: ['/myitems'] },
  {
    name: 'mybids',
    summary: 'the lots that you bid on, in earlier runs too',
    parameters: [],
    options: [],
    examples: ['/mybids'],
  },
  {
    name: 'lot',
    summary: 'one lot in full: terms, bids, how you stand',
    parameters: [{ name: 'lot', kind: 'lot', help: LOT_HELP }],
    options: [],
    examples: ['/lot 1'],
  },
  {
    name: 'watch',
    summary: 'watch a lot or no longer, or see what you watch',
    parameters: [{ name: 'lot', kind: 'lot', help: LOT_HELP, optional: true }],
    options: [],
    examples: ['/watch 1', '/watch'],
  },
  {
    name: 'receipt',
    summary: 'what proves that your commands were recorded',
    parameters: [
      {
        name: 'lot',
        kind: 'lot',
        help: `${LOT_HELP}, or the id of a command; every receipt if not given`,
        optional: true,
      },
    ],
    options: [],
    examples: ['/receipt 1', '/receipt'],
  },
  {
    name: 'verify',
    summary: "audit the house's journal from the root alone",
    parameters: [{ name: 'lot', kind: 'lot', help: `${LOT_HELP}; every lot if not given`, optional: true }],
    options: [],
    examples: ['/verify', '/verify 1'],
  },
  {
    name: 'identity',
    summary: 'who you are, to whom, and by which certificate',
    parameters: [],
    options: [],
    examples: ['/identity'],
  },
  {
    name: 'settime',
    summary: "set the simulated clock, by the operator's token",
    parameters: [
      {
        name: 'time',
        kind: 'time',
        help: '+1h, +3d, 18:00, tomorrow 18:00, or a date such as 2030-01-31T18:00',
        rest: true,
      },
    ],
    options: [],
    examples: ['/settime +1h', '/settime tomorrow 18:00'],
  },
  {
    name: 'resettime',
    summary: "undo that: back to the machine's time",
    parameters: [],
    options: [],
    examples: ['/resettime'],
  },
  {
    name: 'help',
    summary: 'what can be typed',
    parameters: [{ name: 'command', kind: 'command', help: 'the name of one command', optional: true }],
    options: [],
    examples: ['/help bid'],
  },
  { name: 'quit', summary: 'end this client', parameters: [], options: [], examples: ['/quit'] },
] as const satisfies readonly CommandSpec[];

export type CommandName = (typeof COMMANDS)[number]['name'];

/** The command of this name; `undefined` where there is none. */
export function findCommand(name: string): (CommandSpec & { readonly name: CommandName }) | undefined {
  return COMMANDS.find((command) => command.name === name);
}
