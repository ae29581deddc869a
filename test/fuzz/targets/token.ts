/** The access token, as a DMS takes it: changed on its way, and with other claims that the authority itself signed. */
import { verifyAccessToken } from '../../../shared/pki/access-token.ts';
import { authorityName } from '../../../shared/pki/trust-anchors.ts';
import { parseCertificate } from '../../../shared/pki/verify-certificate.ts';
import { TOKEN_LIFE_MS } from '../../../shared/wire/limits.ts';
import { CORPUS, privateKeyOf, publicKeyOf } from '../corpus.ts';
import { mutateJws } from '../mutate-jws.ts';
import { jwsAgain } from '../sign-again.ts';
import { demand, judgingLater, type Target } from '../target.ts';

interface Input {
  readonly text: string;
  /** By the authority, whatever it says. */
  readonly signedAgain: boolean;
  /** What the DMS takes for the time. */
  readonly at: number;
}

const certificate = parseCertificate(CORPUS.certificates.participant);
const authority = authorityName(parseCertificate(CORPUS.certificates.root));
const keys = new Map([[parseCertificate(CORPUS.certificates['token-signer']).subject as string, publicKeyOf('token')]]);
const signer = privateKeyOf('token');
/** From now: the edges of a token's life, and what no clock says. */
const TIMES = [-1e12, -2_001, -2_000, 899_999, 900_000, 1e12, Number.NaN, Number.POSITIVE_INFINITY];

function judge(input: Input): Promise<string> {
  const trust = { keys, authority, at: input.at, certificate };
  const text = input.signedAgain ? jwsAgain(input.text, signer) : input.text;
  return judgingLater(
    ['token-invalid', 'token-expired', 'token-not-for-certificate'],
    () => verifyAccessToken(text, trust),
    (claims) => {
      if (!input.signedAgain) demand(CORPUS.tokens.includes(text), 'a changed token verifies');
      const { iss, aud, sub, cnf, iat, exp } = claims;
      demand(iss === authority && aud === 'dms' && sub === certificate.subject, 'it is for something else');
      demand(cnf['x5t#S256'] === certificate.x5tS256, 'it is bound to another certificate');
      demand(Number.isSafeInteger(iat) && Number.isSafeInteger(exp), 'its times are no integers');
      demand(exp > iat && (exp - iat) * 1_000 <= TOKEN_LIFE_MS, 'it lives too long');
      demand(exp * 1_000 > trust.at && iat * 1_000 <= trust.at + 2_000, 'it is of another time');
      demand(Object.keys(claims).length === 7, 'it says more than a token does');
    },
  );
}

export const token: Target<Input> = {
  name: 'token',
  reaches: ['accepted', 'token-invalid', 'token-expired'],
  prepare: () => ({
    valid: CORPUS.tokens.flatMap((text) => [
      { text, signedAgain: false, at: CORPUS.now },
      { text, signedAgain: true, at: CORPUS.now },
    ]),
    mutate: ({ text, signedAgain, at }, choice, other) => ({
      text: mutateJws(text, choice, choice.oneIn(2) ? other.text : CORPUS.statements[0]!),
      signedAgain,
      at: choice.oneIn(8) ? CORPUS.now + choice.of(TIMES) : at,
    }),
    judge,
  }),
};
