/** A record of the journal: there is one form of each, and what was written is what is read. */
import { equalBytes, utf8 } from '../../../shared/bytes.ts';
import { sha256 } from '../../../shared/crypto/digest.ts';
import { decodeRecord, encodeRecord, type JournalRecord } from '../../../shared/journal/record.ts';
import { CORPUS, fromBase64 } from '../corpus.ts';
import { mutateBytes } from '../mutate-bytes.ts';
import { mutateJson } from '../mutate-json.ts';
import { demand, judging, type Target } from '../target.ts';

interface Input extends JournalRecord {
  /** To the private part as it now is: by a house that means it. */
  readonly committed: boolean;
}

const records = CORPUS.records.map(
  (record) =>
    Object.fromEntries(
      Object.entries(record).map(([name, text]) => [name, fromBase64(text)]),
    ) as never as JournalRecord,
);
const PARTS = ['publicPart', 'privatePart', 'publicPart', 'privatePart', 'salt', 'commitment'] as const;

function judge({ committed, ...given }: Input): string {
  const { salt, privatePart } = given;
  const commitment = committed ? sha256(Buffer.concat([salt, privatePart])) : given.commitment;
  const record = { ...given, commitment };
  return judging(
    ['record-damaged'],
    () => decodeRecord(record),
    (parts) => {
      const again = encodeRecord(parts.public, parts.private, salt);
      const isSame = (['publicPart', 'privatePart', 'commitment'] as const).every((part) =>
        equalBytes(again[part], record[part]),
      );
      demand(isSame, 'two forms of one record');
    },
  );
}

export const record: Target<Input> = {
  name: 'record',
  reaches: ['accepted', 'record-damaged'],
  prepare: () => ({
    valid: records.flatMap((valid) => [
      { ...valid, committed: false },
      { ...valid, committed: true },
    ]),
    mutate: (input, choice, other) => {
      const part = choice.of(PARTS);
      if (part === 'salt' || part === 'commitment')
        return { ...input, [part]: mutateBytes(input[part], choice, other[part]) };
      const text = mutateJson(new TextDecoder().decode(input[part]), choice, new TextDecoder().decode(other[part]));
      return { ...input, [part]: choice.oneIn(20) ? mutateBytes(input[part], choice, other[part]) : utf8.encode(text) };
    },
    judge,
  }),
};
