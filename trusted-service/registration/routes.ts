/** Invites over HTTP, for the operator alone. */
import type { Logger } from 'pino';
import { InvitesAnswer, InvitesRequest, PATHS } from '../../shared/wire/http-endpoints.ts';
import { MAX_INVITES_BYTES } from '../http/body-limits.ts';
import { jsonRoute, type Route } from '../http/route.ts';
import type { OperatorAccess } from '../operator-access.ts';
import type { InviteOffice } from './invite-office.ts';

const CREATED = 201;

export interface RegistrationRoutesParts {
  readonly invites: InviteOffice;
  readonly operator: OperatorAccess;
  readonly log: Logger;
}

export function createRegistrationRoutes({ invites, operator, log }: RegistrationRoutesParts): Route[] {
  const make = jsonRoute({
    path: PATHS.invites,
    guard: ({ headers }) => operator.demand(headers),
    maxBodyBytes: MAX_INVITES_BYTES,
    schema: InvitesRequest,
    reply: InvitesAnswer,
    about: {
      group: 'Operator',
      summary: 'Make invites: codes with which others can enrol, once each',
      more: 'The codes are said this once; kept are their digests.',
      token: 'operator',
      refusals: ['clock-stepped', 'state-unwritable'],
    },
    status: CREATED,
    answer: (request) => {
      const answer = invites.make(request);
      log.info({ event: 'invites-made', count: answer.codes.length, expiresAt: answer.expiresAt });
      return answer;
    },
  });
  return [make];
}
