/** The revocation list: changed on its way, and with other contents that its issuer itself signed. */
import { equalBytes } from '../../../shared/bytes.ts';
import { parseDer } from '../../../shared/pki/der.ts';
import { encodeTbsRevocationList } from '../../../shared/pki/encode-tbs.ts';
import { verifyRevocationList } from '../../../shared/pki/revocation-list.ts';
import { parseCertificate } from '../../../shared/pki/verify-certificate.ts';
import { CORPUS, fromBase64, privateKeyOf } from '../corpus.ts';
import { mutateDer, twinOf } from '../mutate-der.ts';
import { certifiedAgain } from '../sign-again.ts';
import { demand, judging, type Target } from '../target.ts';

interface Input {
  readonly der: Uint8Array;
  readonly signedAgain: boolean;
}

const issuer = parseCertificate(CORPUS.certificates['issuing-ca']);
const key = privateKeyOf('issuing-ca');
/** The second is by nobody whom we know, and becomes ours when it is signed again. */
const lists = CORPUS.lists.map(fromBase64);

function judge({ der: given, signedAgain }: Input): string {
  const der = signedAgain ? certifiedAgain(given, key) : given;
  const codes = ['revocation-list-invalid', 'revocation-list-stale'] as const;
  return judging(
    codes,
    () => verifyRevocationList(der, issuer, CORPUS.now),
    (list) => {
      const known = lists[0]!;
      if (!signedAgain) demand(equalBytes(der, known) || equalBytes(der, twinOf(known)), 'a changed list verifies');
      const { number, thisUpdate, nextUpdate } = list;
      const revoked = [...list.revoked].map(([serialHex, entry]) => ({ serialHex, ...entry }));
      const tbs = encodeTbsRevocationList({
        issuer: { key, certificate: issuer },
        number,
        thisUpdate,
        nextUpdate,
        revoked,
      });
      demand(equalBytes(tbs, parseDer(der).children[0]!.encoded), 'it says something that was not read');
    },
  );
}

export const revocationList: Target<Input> = {
  name: 'revocation-list',
  reaches: ['accepted', 'revocation-list-invalid'],
  prepare: () => ({
    valid: lists.flatMap((der) => [
      { der, signedAgain: false },
      { der, signedAgain: true },
    ]),
    mutate: (input, choice, other) => ({ ...input, der: mutateDer(input.der, choice, other.der) }),
    judge,
  }),
};
