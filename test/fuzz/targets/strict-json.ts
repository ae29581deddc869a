/** JSON from strangers, beside a second reader that is written to be plain. */
import { isDeepStrictEqual } from 'node:util';
import { utf8 } from '../../../shared/bytes.ts';
import { parseStrictJson } from '../../../shared/strict-json.ts';
import { isAmbiguous } from '../ambiguous-json.ts';
import { CORPUS } from '../corpus.ts';
import { mutateBytes } from '../mutate-bytes.ts';
import { mutateJson } from '../mutate-json.ts';
import { codeOf, demand, type Target } from '../target.ts';

/** What JSON.parse makes of the bytes, where they are UTF-8; `undefined` is no value of JSON. */
function plainReading(bytes: Uint8Array): { value: unknown; text: string } | undefined {
  const text = Buffer.from(bytes).toString();
  if (Buffer.compare(Buffer.from(text), bytes) !== 0) return undefined;
  try {
    return { value: JSON.parse(text), text };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function judge(bytes: Uint8Array): string {
  const plain = plainReading(bytes);
  const mayBe = plain !== undefined && !isAmbiguous(plain.text);
  let value: unknown;
  try {
    value = parseStrictJson(bytes);
  } catch (error) {
    const code = codeOf(error, ['malformed']);
    demand(!mayBe, 'it is JSON, and was refused');
    return code;
  }
  demand(mayBe, 'two programs may read different things in it');
  demand(isDeepStrictEqual(value, plain.value), 'another value was read');
  return 'accepted';
}

export const strictJson: Target<Uint8Array> = {
  name: 'strict-json',
  reaches: ['accepted', 'malformed'],
  prepare: () => ({
    valid: [...CORPUS.envelopes, ...CORPUS.bundle, '{"a":{"b":1},"c":[{"a":":"}],"\\"":"\\\\"}'].map((text) =>
      utf8.encode(text),
    ),
    mutate: (bytes, choice, other) => {
      if (choice.oneIn(6)) return mutateBytes(bytes, choice, other);
      return utf8.encode(mutateJson(Buffer.from(bytes).toString(), choice, Buffer.from(other).toString()));
    },
    judge,
  }),
};
