/** What is sealed to a session: the sealed bytes, changed on their way, and what a stranger with the key may have put in. */
import { createPrivateKey } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { openEnvelope } from '../../../dms/intake/open-envelope.ts';
import { encodeBase64url, utf8 } from '../../../shared/bytes.ts';
import { type SealingKeyPair, sealTo } from '../../../shared/crypto/ecies.ts';
import { ProtocolError } from '../../../shared/errors.ts';
import { parseStrictJson } from '../../../shared/strict-json.ts';
import { CommandEnvelope } from '../../../shared/wire/commands.ts';
import type { SealedCommand } from '../../../shared/wire/socket-events.ts';
import { isAmbiguous } from '../ambiguous-json.ts';
import { CORPUS, fromBase64 } from '../corpus.ts';
import { mutateBytes } from '../mutate-bytes.ts';
import { mutateJson } from '../mutate-json.ts';
import { demand, judging, judgingLater, type Target } from '../target.ts';

type Input = { readonly sealed: string } | { readonly text: string };

const key: SealingKeyPair = {
  publicKey: fromBase64(CORPUS.sealing.publicKey),
  privateKey: createPrivateKey({ key: CORPUS.sealing.privateKey, format: 'jwk' }),
};
const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, 'base64url'));

/** Sealing and opening take most of a millisecond: only what has the form goes that way, and one in eight of the others. */
function isWorthSealing(text: string): boolean {
  return (
    text.length % 8 === 0 ||
    judging(
      ['malformed'],
      () => parseForm(text),
      () => {},
    ) === 'accepted'
  );
}

function parseForm(text: string): void {
  const form = CommandEnvelope.safeParse(parseStrictJson(utf8.encode(text)));
  if (!form.success) throw new ProtocolError('malformed');
}

async function judge(input: Input): Promise<string> {
  const isOurs = 'text' in input;
  if (isOurs && !isWorthSealing(input.text)) return 'malformed';
  const sealed = isOurs ? encodeBase64url(await sealTo(key.publicKey, utf8.encode(input.text))) : input.sealed;
  return judgingLater(
    ['malformed', 'envelope-unreadable'],
    () => openEnvelope(sealed as SealedCommand, key),
    (opened) => {
      if (!isOurs) demand(CORPUS.sealed.includes(sealed), 'changed bytes were opened');
      else {
        // Half a character is a whole one by the time it is bytes.
        const meant = JSON.parse(input.text.toWellFormed());
        demand(isDeepStrictEqual(meant, opened), 'something was left out or added');
        demand(!isAmbiguous(input.text), 'two programs may read different things in it');
      }
    },
  );
}

export const envelope: Target<Input> = {
  name: 'envelope',
  reaches: ['accepted', 'malformed', 'envelope-unreadable'],
  prepare: () => ({
    valid: [
      ...CORPUS.sealed.map((sealed) => ({ sealed })),
      ...[...CORPUS.envelopes, ...CORPUS.envelopes].map((text) => ({ text })),
    ],
    mutate: (input, choice, other) => {
      if ('text' in input) return { text: mutateJson(input.text, choice, 'text' in other ? other.text : '{}') };
      const more = 'sealed' in other ? bytesOf(other.sealed) : new Uint8Array();
      return { sealed: encodeBase64url(mutateBytes(bytesOf(input.sealed), choice, more)) };
    },
    judge,
  }),
};
