/** Access tokens over HTTP. */
import { IssueRequest, PATHS } from '../../shared/wire/http-endpoints.ts';
import { MAX_ISSUE_BYTES } from '../http/body-limits.ts';
import { jsonRoute, type Route } from '../http/route.ts';
import type { TokenIssuer } from './token-issuer.ts';

export function createTokenRoutes(issuer: TokenIssuer): Route[] {
  const issue = jsonRoute({
    path: PATHS.issue,
    maxBodyBytes: MAX_ISSUE_BYTES,
    schema: IssueRequest,
    answer: (request) => issuer.issue(request),
  });
  return [issue];
}
