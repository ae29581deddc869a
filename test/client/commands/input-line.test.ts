import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../client/commands/command-table.ts';
import { helpText, usageOf } from '../../../client/commands/help.ts';
import { parseInputLine } from '../../../client/commands/input-line.ts';
import { formatList, type ListIntent } from '../../../client/commands/intent.ts';
import { quoteWord, splitWords } from '../../../client/commands/split-words.ts';
import { type CommandId, Description, type Instant, Title } from '../../../shared/wire/vocabulary.ts';
import { complaintBy } from '../complaint.ts';

const NOW = Date.UTC(2026, 10, 21, 12) as Instant;
const ID = '3f1c2b1a-7d0e-4c59-9d0a-2f6f3b8e1a77';
const parse = (line: string) => parseInputLine(line).parse(NOW);

describe('a typed command', () => {
  it('lists a lot', () => {
    expect(parse('/list "Oak desk" 100.00 +10m')).toEqual({
      name: 'list',
      terms: { title: 'Oak desk', currency: 'EUR', startingPrice: 10_000, increment: 1, closesAt: NOW + 600_000 },
    });
  });

  it('lists a lot with everything', () => {
    const line = `/list --currency JPY "Oak \\"desk\\"" 5000 tomorrow 18:00 --increment=100 --description "two\\nlines" --extension 5m,2m,1h --repeat ${ID}`;
    const { terms, repeat } = parse(line) as ListIntent;
    const { closesAt, ...rest } = terms;
    expect(rest).toEqual({
      title: 'Oak "desk"',
      description: 'two\nlines',
      currency: 'JPY',
      startingPrice: 5_000,
      increment: 100,
      extension: { window: 300_000, by: 120_000, until: closesAt + 3_600_000 },
    });
    expect(new Date(closesAt).getHours()).toBe(18);
    expect(repeat).toBe(ID);
  });

  it.each([
    ['/bid 1 120.00', { name: 'bid', lot: 1, amount: '120.00' }],
    ['/bid #7 5', { name: 'bid', lot: 7, amount: '5' }],
    [`/bid ${ID} 5`, { name: 'bid', lot: ID, amount: '5' }],
    [`/bid ${ID.toUpperCase()} 5`, { name: 'bid', lot: ID, amount: '5' }],
    [`  /BID  1   120.00  --repeat ${ID}`, { name: 'bid', lot: 1, amount: '120.00', repeat: ID }],
    ['/allitems', { name: 'allitems' }],
    ['/myitems', { name: 'myitems' }],
    ['/bid 1 120.00 --yes', { name: 'bid', lot: 1, amount: '120.00', yes: true }],
    [`/bid --yes 1 120.00 --repeat ${ID}`, { name: 'bid', lot: 1, amount: '120.00', yes: true, repeat: ID }],
    ['/mybids', { name: 'mybids' }],
    ['/lot 7', { name: 'lot', lot: 7 }],
    [`/lot ${ID}`, { name: 'lot', lot: ID }],
    ['/watch', { name: 'watch' }],
    ['/watch #7', { name: 'watch', lot: 7 }],
    ['/receipt', { name: 'receipt' }],
    ['/receipt 7', { name: 'receipt', lot: 7 }],
    [`/receipt ${ID}`, { name: 'receipt', lot: ID }],
    ['/verify', { name: 'verify' }],
    ['/verify 7', { name: 'verify', lot: 7 }],
    ['/identity', { name: 'identity' }],
    ['/settime +1h', { name: 'settime', time: NOW + 3_600_000 }],
    ['/settime +3d', { name: 'settime', time: NOW + 3 * 86_400_000 }],
    ['/settime 2020-01-01 12:00Z', { name: 'settime', time: Date.UTC(2020, 0, 1, 12) }],
    ['/resettime', { name: 'resettime' }],
    ['/help', { name: 'help' }],
    ['/help /bid', { name: 'help', command: 'bid' }],
    ['/quit', { name: 'quit' }],
  ])('%s', (line, intent) => {
    expect(parse(line)).toEqual(intent);
  });

  it.each([
    ['/bit 1 120', 'command-unknown'],
    ['/', 'command-unknown'],
    ['/__proto__', 'command-unknown'],
    ['/constructor', 'command-unknown'],
    ['/help nothing', 'command-unknown'],
    ['bid 1 120', 'command-malformed'],
    ['hello', 'command-malformed'],
    ['"/bid" 1 120', 'command-malformed'],
    ['/bid', 'command-malformed'],
    ['/bid 1', 'command-malformed'],
    ['/bid 1 120 130', 'command-malformed'],
    ['/bid 1 120 --repeat', 'command-malformed'],
    ['/bid 1 120 --increment 5', 'command-malformed'],
    ['/bid 1 120 --repeat a --repeat b', 'command-malformed'],
    ['/bid 1 120 --yes --yes', 'command-malformed'],
    ['/bid 1 120 --yes=no', 'command-malformed'],
    ['/bid 1 120 --yes no', 'command-malformed'],
    ['/list Desk 100 +10m --yes', 'command-malformed'],
    ['/allitems now', 'command-malformed'],
    ['/mybids now', 'command-malformed'],
    ['/identity me', 'command-malformed'],
    ['/resettime now', 'command-malformed'],
    ['/lot', 'command-malformed'],
    ['/lot 1 2', 'command-malformed'],
    ['/watch 1 2', 'command-malformed'],
    ['/settime', 'command-malformed'],
    ['/lot x', 'lot-malformed'],
    ['/watch x', 'lot-malformed'],
    ['/receipt x', 'lot-malformed'],
    ['/receipt ""', 'lot-malformed'],
    ['/verify 0', 'lot-malformed'],
    ['/settime soon', 'date-malformed'],
    ['/settime -1h', 'date-malformed'],
    ['/settime 2026-02-30T12:00Z', 'date-malformed'],
    ['/settime 1969-12-31T23:59:59.999Z', 'date-malformed'],
    ['/list "Oak desk 100.00 +10m', 'command-malformed'],
    ['/list "Oak desk"100.00 +10m', 'command-malformed'],
    ['/list "Oak desk" 100.00', 'command-malformed'],
    ['/bid zero 120', 'lot-malformed'],
    ['/bid 0 120', 'lot-malformed'],
    ['/bid -1 120', 'lot-malformed'],
    ['/bid 1.5 120', 'lot-malformed'],
    ['/bid 1 120 --repeat 1', 'id-malformed'],
    ['/list Desk 1.5e3 +10m', 'amount-malformed'],
    ['/list Desk -1 +10m', 'amount-malformed'],
    ['/list Desk 100 +10m --increment 0', 'amount-malformed'],
    ['/list Desk 100 +10m --currency ABC', 'currency-unknown'],
    ['/list Desk 100 soon', 'date-malformed'],
    ['/list Desk 100 2020-01-01T12:00Z', 'date-in-past'],
    ['/list Desk 100 +10m --extension soon', 'extension-malformed'],
    ['/list Desk 100 +10m --extension 5m,5m,1h,1h', 'extension-malformed'],
    ['/list Desk 100 +10m --extension 2d', 'extension-malformed'],
    ['/list Desk 100 9999-12-31T23:00Z --extension 1m,1m,1h', 'extension-malformed'],
    [`/list "${'x'.repeat(10_000)}" 100 +10m`, 'title-malformed'],
    [`/list "${'x'.repeat(121)}" 100 +10m`, 'title-malformed'],
    ['/list "" 100 +10m', 'title-malformed'],
    ['/list "\u001b[31mred" 100 +10m', 'title-malformed'],
    ['/list "a\u202eb" 100 +10m', 'title-malformed'],
    ['/list "two\\nlines" 100 +10m', 'title-malformed'],
    ['/list Desk 100 +10m --description "\u0007"', 'description-malformed'],
    [`/list Desk 100 +10m --description ${'x'.repeat(2_001)}`, 'description-malformed'],
  ])('%.60j complains', (line, code) => {
    expect(complaintBy(() => parse(line))).toBe(code);
  });

  it('takes a title of 120 characters, whatever their bytes', () => {
    const title = '🪑'.repeat(120);
    expect(parse(`/list "${title}" 100 +10m`)).toMatchObject({ terms: { title } });
  });

  it('composes what an input method left decomposed', () => {
    expect(parse('/list "Cafe\u0301 table" 100 +10m')).toMatchObject({ terms: { title: 'Caf\u00e9 table' } });
  });

  it('of any text throws nothing but complaints', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        complaintBy(() => parse(`/list ${text}`));
        complaintBy(() => parse(text));
        complaintBy(() => parse(`{${text}`));
      }),
    );
  });
});

describe('a JSON command', () => {
  it.each([
    ['{"id":"a1","command":"bid","lot":7,"amount":"130.00"}', 'a1', { name: 'bid', lot: 7, amount: '130.00' }],
    ['{"id":4,"command":"/bid","lot":"7","amount":"130.00"}', 4, { name: 'bid', lot: 7, amount: '130.00' }],
    ['{"command":"allitems"}', undefined, { name: 'allitems' }],
    ['{"id":"","command":"quit"}', '', { name: 'quit' }],
    [
      '{"command":"bid","lot":7,"amount":"130.00","yes":true}',
      undefined,
      { name: 'bid', lot: 7, amount: '130.00', yes: true },
    ],
    ['{"command":"bid","lot":7,"amount":"130.00","yes":false}', undefined, { name: 'bid', lot: 7, amount: '130.00' }],
    ['{"command":"watch","lot":7}', undefined, { name: 'watch', lot: 7 }],
    ['{"command":"receipt"}', undefined, { name: 'receipt' }],
    ['{"command":"settime","time":"+1h"}', undefined, { name: 'settime', time: NOW + 3_600_000 }],
  ])('%s', (line, id, intent) => {
    const input = parseInputLine(line);
    expect(input.id).toBe(id);
    expect(input.parse(NOW)).toEqual(intent);
  });

  it('says the same as the typed one', () => {
    const members = { command: 'list', title: 'Oak desk', price: '100.00', closes: '+10m', increment: '5', repeat: ID };
    expect(parse(JSON.stringify(members))).toEqual(parse(`/list "Oak desk" 100.00 +10m --increment 5 --repeat ${ID}`));
  });

  it.each([
    ['{', 'json-malformed'],
    ['{"id": 1', 'json-malformed'],
    ['{"id":{},"command":"quit"}', 'json-malformed'],
    [`{"id":"${'x'.repeat(201)}","command":"quit"}`, 'json-malformed'],
    ['{}', 'command-malformed'],
    ['{"command":7}', 'command-malformed'],
    ['{"command":"bid","lot":7}', 'command-malformed'],
    ['{"command":"bid","lot":7,"amount":130}', 'command-malformed'],
    ['{"command":"bid","lot":7,"amount":"130","__proto__":"x"}', 'command-malformed'],
    ['{"command":"bid","lot":7,"amount":"130","more":"x"}', 'command-malformed'],
    ['{"command":"bid","lot":[7],"amount":"130"}', 'command-malformed'],
    ['{"command":"bid","lot":7,"amount":"130","yes":"true"}', 'command-malformed'],
    ['{"command":"bid","lot":7,"amount":"130","yes":1}', 'command-malformed'],
    ['{"command":"settime","time":5}', 'command-malformed'],
    ['{"id":1e999,"command":"quit"}', 'json-malformed'],
    ['{"id":9007199254740993,"command":"quit"}', 'json-malformed'],
    ['{"command":"lot"}', 'command-malformed'],
    ['{"command":"buy"}', 'command-unknown'],
    ['{"command":"bid","lot":"x","amount":"130"}', 'lot-malformed'],
  ])('%.60s complains', (line, code) => {
    expect(complaintBy(() => parse(line))).toBe(code);
  });

  it('keeps its id for the complaint about the rest', () => {
    const input = parseInputLine('{"id":"a1","command":"bid"}');
    expect(input.id).toBe('a1');
    expect(complaintBy(() => input.parse(NOW))).toBe('command-malformed');
  });
});

describe('the slip of a finger', () => {
  it.each([
    ['/bd 1 1', '/bid'],
    ['/lits x 1 +1m', '/list'],
    ['/allitem', '/allitems'],
    ['/mytems', '/myitems'],
    ['/wacth 1', '/watch'],
    ['/reciept', '/receipt'],
    ['/verfy', '/verify'],
    ['/setime +1h', '/settime'],
  ])('%s: did you mean %s', (line, meant) => {
    expect(() => parse(line)).toThrow(meant);
  });

  it('far from everything gets no suggestion', () => {
    expect(() => parse('/frobnicate')).toThrow(/^command-unknown$/);
  });
});

describe('words', () => {
  it('are read back as they were quoted', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), (words) => {
        const line = words.map(quoteWord).join(' ');
        expect(splitWords(line).map(({ text }) => text)).toEqual(words);
      }),
    );
  });
});

describe('the line that repeats a listing', () => {
  const title = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
    .filter((text) => Title.safeParse(text).success);
  const description = fc
    .array(fc.string({ unit: 'grapheme', maxLength: 40 }), { maxLength: 3 })
    .map((lines) => lines.join('\n').trim())
    .filter((text) => Description.safeParse(text).success);

  it('is understood as the same terms at any later time', () => {
    fc.assert(
      fc.property(title, description, fc.integer({ min: 1, max: 10_000 }), fc.boolean(), (name, text, price, soft) => {
        const line = `/list ${quoteWord(name)} ${price} +2d --description ${quoteWord(text)}${soft ? ' --extension 5m,1m' : ''}`;
        const { terms } = parse(line) as ListIntent;
        const again = parseInputLine(formatList(terms, ID as CommandId)).parse((NOW + 3_600_000) as Instant);
        expect(again).toEqual({ name: 'list', terms, repeat: ID });
      }),
    );
  });

  it('is so with the longest extension', () => {
    const { terms } = parse('/list Desk 100 +2d --extension 24h,24h,9999d') as ListIntent;
    expect(parse(formatList(terms, ID as CommandId))).toEqual({ name: 'list', terms, repeat: ID });
  });
});

describe('help', () => {
  it('names every command, parameter and option of the table', () => {
    for (const command of COMMANDS) {
      expect(helpText()).toContain(`/${command.name}`);
      const text = helpText(command.name);
      expect(text).toContain(usageOf(command));
      for (const option of command.options) expect(text).toContain(`--${option.name}`);
      for (const parameter of command.parameters) expect(text).toContain(parameter.help);
    }
  });

  it('has examples that parse', () => {
    for (const example of COMMANDS.flatMap(({ examples }) => [...examples])) {
      expect(complaintBy(() => parse(example))).toBeUndefined();
    }
  });
});
