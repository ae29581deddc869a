/** Access tokens over HTTP. */
import { IssueAnswer, IssueRequest, PATHS } from '../../shared/wire/http-endpoints.ts';
import { STOP_CODES } from '../guard/stop-book.ts';
import { MAX_ISSUE_BYTES } from '../http/body-limits.ts';
import { jsonRoute, type Route } from '../http/route.ts';
import type { TokenIssuer } from './token-issuer.ts';

export function createTokenRoutes(issuer: TokenIssuer): Route[] {
  const issue = jsonRoute({
    path: PATHS.issue,
    maxBodyBytes: MAX_ISSUE_BYTES,
    schema: IssueRequest,
    reply: IssueAnswer,
    about: {
      group: 'Access',
      summary: 'Get an access token for the DMS, for the holder of a certificate',
      more: '`proof` is a `proof+jwt` by the key of the certificate (docs/PROTOCOL.md, section 2.2).',
      refusals: [
        'certificate-malformed',
        'certificate-untrusted',
        'certificate-expired',
        'certificate-not-yet-valid',
        'certificate-revoked',
        'not-enrolled',
        'proof-invalid',
        'proof-expired',
        'proof-replayed',
        ...STOP_CODES,
      ],
    },
    answer: (request) => issuer.issue(request),
  });
  return [issue];
}
