/** The key set of an authority, as a program reads it that knows the root and nothing else. */
import { equalBytes, utf8 } from '../../../shared/bytes.ts';
import { ProtocolError } from '../../../shared/errors.ts';
import { verifyKeySet } from '../../../shared/pki/trust-anchors.ts';
import { parseCertificate } from '../../../shared/pki/verify-certificate.ts';
import { parseStrictJson } from '../../../shared/strict-json.ts';
import { KeySet } from '../../../shared/wire/http-endpoints.ts';
import { CORPUS, fromBase64, publicKeyOf } from '../corpus.ts';
import { mutateDer } from '../mutate-der.ts';
import { mutateJson } from '../mutate-json.ts';
import { demand, judging, type Target } from '../target.ts';

const root = parseCertificate(CORPUS.certificates.root);
const issuing = parseCertificate(CORPUS.certificates['issuing-ca']);
const text = JSON.stringify(CORPUS.keySet);
const [token = '', timestamp = ''] = CORPUS.keySet.keys.map(({ kid }) => kid);
const texts = CORPUS.keySet.keys.flatMap(({ x5c }) => x5c);

function parseKeySet(input: string): KeySet {
  const parsed = KeySet.safeParse(parseStrictJson(utf8.encode(input)));
  if (!parsed.success) throw new ProtocolError('malformed');
  return parsed.data;
}

export const keySet: Target<string> = {
  name: 'key-set',
  reaches: ['accepted', 'malformed', 'key-set-invalid'],
  prepare: () => ({
    valid: [text, JSON.stringify({ ...CORPUS.keySet, issuers: [Buffer.from(issuing.der).toString('base64')] })],
    mutate: (input, choice, other) => {
      if (!choice.oneIn(4)) return mutateJson(input, choice, other);
      const [part, more] = [choice.of(texts), choice.of(texts)];
      return input.replace(part, Buffer.from(mutateDer(fromBase64(part), choice, fromBase64(more))).toString('base64'));
    },
    judge: (input) =>
      judging(
        ['malformed', 'key-set-invalid'],
        () => verifyKeySet(parseKeySet(input), root, CORPUS.now),
        (keys) => {
          const isToken = [...keys.token].every(([kid, key]) => kid === token && key.equals(publicKeyOf('token')));
          const isTimestamp = [...keys.timestamp].every(
            ([kid, key]) => kid === timestamp && key.equals(publicKeyOf('timestamp')),
          );
          demand(isToken && isTimestamp, 'a key is taken for the authority’s, or for another purpose');
          demand(keys.token.size + keys.timestamp.size > 0, 'a set without keys is taken');
          const isIssuer = keys.issuers.every(({ signed }) =>
            equalBytes(signed.tbs.encoded, issuing.signed.tbs.encoded),
          );
          demand(isIssuer, 'somebody else is taken for an issuing CA');
        },
      ),
  }),
};
