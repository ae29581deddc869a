/** The timestamp token of a command: changed on its way, and over a batch of other claims that the authority itself signed. */
import { isDeepStrictEqual } from 'node:util';
import { utf8 } from '../../../shared/bytes.ts';
import { ProtocolError } from '../../../shared/errors.ts';
import { authorityName } from '../../../shared/pki/trust-anchors.ts';
import { parseCertificate } from '../../../shared/pki/verify-certificate.ts';
import { parseStrictJson } from '../../../shared/strict-json.ts';
import { TimestampVerifier } from '../../../shared/timestamp/verify-timestamp.ts';
import { MAX_BATCH_SIZE, TimestampToken } from '../../../shared/wire/timestamp-token.ts';
import { type Digest, Instant, Serial } from '../../../shared/wire/vocabulary.ts';
import { CORPUS, privateKeyOf, publicKeyOf } from '../corpus.ts';
import { mutateJson } from '../mutate-json.ts';
import { mutateJws } from '../mutate-jws.ts';
import { jwsAgain } from '../sign-again.ts';
import { demand, judgingLater, type Target } from '../target.ts';

interface Input {
  /** The token, as JSON. */
  readonly text: string;
  readonly imprint: Digest;
  readonly signedAgain: boolean;
}

const authority = authorityName(parseCertificate(CORPUS.certificates.root));
const [kid, publicKey, key] = [
  parseCertificate(CORPUS.certificates['timestamp-signer']).subject,
  publicKeyOf('timestamp'),
  privateKeyOf('timestamp'),
];
// One for all cases: what it remembers of one must not help another.
const verifier = new TimestampVerifier(() => new Map([[kid, publicKey]]), authority, 'real');

function parseToken({ text, signedAgain }: Input): TimestampToken {
  const parsed = TimestampToken.safeParse(parseStrictJson(utf8.encode(text)));
  if (!parsed.success) throw new ProtocolError('malformed');
  return signedAgain
    ? { ...parsed.data, batch: jwsAgain(parsed.data.batch, key) as TimestampToken['batch'] }
    : parsed.data;
}

function judge(input: Input): Promise<string> {
  const codes = ['malformed', 'timestamp-invalid', 'timestamp-wrong-clock', 'timestamp-not-for-statement'] as const;
  return judgingLater(
    codes,
    async () => {
      const token = parseToken(input);
      return { token, stamp: await verifier.verify(token, input.imprint) };
    },
    ({ token, stamp }) => {
      if (!input.signedAgain) {
        const isKnown = CORPUS.stamps.some((known) => known.imprint === input.imprint && isSame(token, known.token));
        demand(isKnown, 'a changed token verifies');
      }
      demand(
        Instant.safeParse(stamp.at).success && Serial.safeParse(stamp.serial).success,
        'it says what no token can say',
      );
      demand(token.index < MAX_BATCH_SIZE && stamp.clock === 'real', 'it says what no token can say');
    },
  );
}

/** −0 is 0 to whoever reads it. */
function isSame(token: TimestampToken, known: TimestampToken): boolean {
  return isDeepStrictEqual({ ...token, index: token.index + 0 }, known);
}

export const timestampToken: Target<Input> = {
  name: 'timestamp-token',
  reaches: ['accepted', 'malformed', 'timestamp-invalid', 'timestamp-not-for-statement'],
  prepare: () => ({
    valid: CORPUS.stamps.flatMap(({ token, imprint }) => [
      { text: JSON.stringify(token), imprint, signedAgain: false },
      { text: JSON.stringify(token), imprint, signedAgain: true },
    ]),
    mutate: (input, choice, other) => {
      if (choice.oneIn(30)) return { ...input, imprint: other.imprint };
      if (!choice.oneIn(3)) return { ...input, text: mutateJson(input.text, choice, other.text) };
      const batch = choice.of(CORPUS.stamps).token.batch;
      return {
        ...input,
        text: input.text.replace(batch, mutateJws(batch, choice, choice.of(CORPUS.stamps).token.batch)),
      };
    },
    judge,
  }),
};
