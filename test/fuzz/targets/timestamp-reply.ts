/** The RFC 3161 reply: changed on its way, and with another TSTInfo that the authority itself signed. */
import { equalBytes } from '../../../shared/bytes.ts';
import { TAG } from '../../../shared/pki/der.ts';
import { encodeSetOf } from '../../../shared/pki/encode-der.ts';
import { parseCertificate } from '../../../shared/pki/verify-certificate.ts';
import { encodeTstInfo, readTstInfo } from '../../../shared/timestamp/tst-info.ts';
import { verifyTimestampResponse } from '../../../shared/timestamp/verify-timestamp-response.ts';
import { forgeReply, timeText, tstInfo } from '../../support/forge-timestamp.ts';
import { CORPUS, fromBase64, privateKeyOf, publicKeyOf } from '../corpus.ts';
import { mutateDer, replacePart, twinOf } from '../mutate-der.ts';
import { demand, judgingLater, type Target } from '../target.ts';

type Input = { readonly der: Uint8Array } | { readonly content: Uint8Array };

const [root, issuing, signer] = (['root', 'issuing-ca', 'timestamp-signer'] as const).map((name) =>
  parseCertificate(CORPUS.certificates[name]),
) as [ReturnType<typeof parseCertificate>, ReturnType<typeof parseCertificate>, ReturnType<typeof parseCertificate>];
const { imprint, nonce } = CORPUS.reply;
const expected = { root, imprint, nonce: fromBase64(nonce), clock: 'real', certificates: [issuing, signer] } as const;
const full = fromBase64(CORPUS.reply.der);
/** The set of certificates is not signed: it may be left out. */
const set = encodeSetOf([issuing.der, signer.der], TAG.context0);
const replies = [full, replacePart(full, set)];
/** For the same reason either signature of the issuing CA's certificate may be in it: see the target of certificates. */
const twins = [replacePart(full, set, encodeSetOf([twinOf(issuing.der), signer.der], TAG.context0))];

const digest = new Uint8Array(Buffer.from(imprint, 'base64url'));
const time = new Date(CORPUS.now).toISOString().replaceAll(/[-:T]/g, '').replace('.000', '');
const keys = { privateKey: privateKeyOf('timestamp'), publicKey: publicKeyOf('timestamp') };
const issued = { certificate: signer, keys };
const authority = {
  root: { certificate: root, keys },
  issuer: { certificate: issuing, keys },
  issue: async () => issued,
};
const good = { authority, signer: issued, digest, nonce: expected.nonce, time: timeText(time) };

function judge(input: Input): Promise<string> {
  const der = 'der' in input ? input.der : forgeReply(good, { content: input.content });
  return judgingLater(
    ['timestamp-invalid'],
    () => verifyTimestampResponse(der, expected),
    (stamp) => {
      if ('der' in input) {
        demand(
          [...replies, ...twins].some((known) => equalBytes(known, der)),
          'a changed reply verifies',
        );
        demand(
          stamp.at === CORPUS.now && stamp.serial === 77 && stamp.signer.sha256 === signer.sha256,
          'it says something else',
        );
        return;
      }
      const info = readTstInfo(input.content);
      demand(equalBytes(encodeTstInfo(info), input.content), 'it says something that was not read');
      demand(stamp.at === info.at && stamp.serial === info.serial, 'it says something else');
    },
  );
}

export const timestampReply: Target<Input> = {
  name: 'timestamp-reply',
  reaches: ['accepted', 'timestamp-invalid'],
  prepare: () => ({
    valid: [...replies.map((der) => ({ der })), { content: tstInfo(good) }],
    mutate: (input, choice, other) => {
      if ('der' in input) return { der: mutateDer(input.der, choice, 'der' in other ? other.der : replies[0]!) };
      return { content: mutateDer(input.content, choice, 'content' in other ? other.content : replies[0]!) };
    },
    judge,
    found: twins.map((der) => ({ der })),
  }),
};
