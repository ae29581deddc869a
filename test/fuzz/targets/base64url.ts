/** Text forms of bytes: whatever is read, there is one text for it. */
import { decodeBase64url, encodeBase64url } from '../../../shared/bytes.ts';
import { decodeBase64 } from '../../../shared/pki/pem.ts';
import { Bytes32 } from '../../../shared/wire/vocabulary.ts';
import { CORPUS } from '../corpus.ts';
import { mutateText } from '../mutate-text.ts';
import { demand, type Target } from '../target.ts';

const lengths = [0, 1, 2, 3, 31, 32, 33, 64];
const texts = lengths.flatMap((length) => {
  const bytes = Buffer.from(Array.from({ length }, (_, index) => (index * 37 + 251) & 0xff));
  return [bytes.toString('base64url'), bytes.toString('base64')];
});

function judge(text: string): string {
  const bytes = decodeBase64url(text);
  const isCanonical = Buffer.from(text, 'base64url').toString('base64url') === text;
  demand((bytes !== undefined) === isCanonical, 'another form than the one, or the one refused');
  if (bytes !== undefined) demand(encodeBase64url(bytes) === text, 'two texts of the same bytes');
  const padded = decodeBase64(text);
  if (padded !== undefined) demand(Buffer.from(padded).toString('base64') === text, 'two texts of the same bytes');
  demand(Bytes32.safeParse(text).success === (bytes?.length === 32), 'the form of 32 bytes is another than its bytes');
  if (bytes === undefined) return padded === undefined ? 'neither' : 'base64';
  return bytes.length === 32 ? '32 bytes' : 'base64url';
}

export const base64url: Target<string> = {
  name: 'base64url',
  reaches: ['neither', 'base64', 'base64url', '32 bytes'],
  prepare: () => ({ valid: [...texts, CORPUS.sealed[0]!], mutate: mutateText, judge }),
};
