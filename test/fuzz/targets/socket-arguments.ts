/** What a participant sends through the socket: names of events, arguments and acknowledgements of any kind. */
import { createDispatch, type Handler, withSchema } from '../../../dms/gateway/dispatch.ts';
import { checkFrame } from '../../../dms/intake/check-frame.ts';
import { Refused } from '../../../shared/wire/commands.ts';
import { Acknowledge, Hello, Prove, Query, Renew } from '../../../shared/wire/socket-events.ts';
import type { Choice } from '../choice.ts';
import { CORPUS } from '../corpus.ts';
import { mutateJson } from '../mutate-json.ts';
import { mutateText } from '../mutate-text.ts';
import { demand, demandDiscreet, type Target } from '../target.ts';

interface Input {
  readonly name: unknown;
  /** Of the arguments, as they travel. */
  readonly texts: readonly string[];
  readonly asks: boolean;
}

const accepted = () => ({ outcome: 'accepted' });
const handlers = new Map<string, Handler>([
  ['hello', { serve: withSchema(Hello, accepted) }],
  ['prove', { serve: withSchema(Prove, accepted) }],
  ['renew', { serve: withSchema(Renew, accepted) }],
  ['query', { serve: withSchema(Query, accepted) }],
  ['acknowledge', { serve: withSchema(Acknowledge, accepted) }],
  ['command', { serve: async (_connection, argument) => ({ ...accepted(), text: checkFrame(argument) }) }],
]);

const nonce = 'A'.repeat(43);
const lot = '0b7c6f0e-55a0-4a1e-9d7a-2f2f6f5f1c11';
const valid: readonly Input[] = [
  { name: 'hello', texts: [JSON.stringify({ nonce })], asks: true },
  { name: 'prove', texts: [JSON.stringify({ proof: CORPUS.signed['session-proof+jwt'], since: 7 })], asks: true },
  {
    name: 'renew',
    texts: [JSON.stringify({ token: CORPUS.tokens[0], certificate: CORPUS.certificates.participant })],
    asks: true,
  },
  { name: 'query', texts: ['{"type":"announcements","since":1}'], asks: true },
  { name: 'query', texts: [JSON.stringify({ type: 'opening', lot })], asks: true },
  { name: 'acknowledge', texts: [JSON.stringify({ lot })], asks: true },
  { name: 'command', texts: [JSON.stringify(CORPUS.sealed[1])], asks: true },
];
const NAMES = ['__proto__', 'constructor', 'toString', 'disconnect', 'hello ', '', 0, 17, null, {}, ['hello'], true];

function mutate({ name, texts, asks }: Input, choice: Choice, other: Input): Input {
  const [text = 'null'] = texts;
  if (choice.oneIn(12))
    return {
      name: choice.oneIn(2) ? choice.of(NAMES) : mutateText(String(name), choice, String(other.name)),
      texts,
      asks,
    };
  if (choice.oneIn(16))
    return { name, texts: choice.of([[], [...texts, 'null'], ['null', ...texts], [...texts, ...other.texts]]), asks };
  if (choice.oneIn(30)) return { name, texts, asks: !asks };
  return { name, texts: [mutateJson(text, choice, other.texts[0] ?? '{}'), ...texts.slice(1)], asks };
}

/** As the library takes it apart: what is no JSON never gets as far as here. */
function argumentsOf(texts: readonly string[]): unknown[] | undefined {
  try {
    return texts.map((text) => JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function judge({ name, texts, asks }: Input): Promise<string> {
  const args = argumentsOf(texts);
  if (args === undefined) return 'no JSON';
  const failures: unknown[] = [];
  const note = (failure: unknown) => void failures.push(failure);
  const dispatch = createDispatch({
    handlers,
    log: { info: note, warn: note, error: note, fatal: note },
    onFailure: note,
  });
  const answers: object[] = [];
  const known = dispatch({} as never, [
    name,
    ...args,
    ...(asks ? [(answer: object) => void answers.push(answer)] : []),
  ]);
  // It answers in turns of its own; three are more than a handler here takes.
  for (let turn = 0; turn < 5; turn++) await undefined;
  demand(failures.length === 0, `it counts as a mistake of ours: ${String(failures[0])}`);
  demand(known === (typeof name === 'string' && handlers.has(name)), 'it knows an event that there is not');
  demand(answers.length === (known && asks ? 1 : 0), 'not one answer to one question');
  const refused = Refused.safeParse(answers[0]);
  if (!refused.success) return answers.length > 0 ? 'accepted' : 'no answer';
  demandDiscreet(refused.data.detail);
  return refused.data.code;
}

export const socketArguments: Target<Input> = {
  name: 'socket-arguments',
  reaches: ['accepted', 'malformed', 'no answer'],
  prepare: () => ({ valid, mutate, judge }),
};
