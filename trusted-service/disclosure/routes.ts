/** Disclosure over HTTP, for DMS nodes: the request itself shows who asks. */
import type { Logger } from 'pino';
import { DiscloseRequest, PATHS } from '../../shared/wire/http-endpoints.ts';
import { MAX_DISCLOSE_BYTES } from '../http/body-limits.ts';
import { jsonRoute, type Route } from '../http/route.ts';
import type { DisclosureOffice } from './disclosure-office.ts';

export function createDisclosureRoutes(office: DisclosureOffice, log: Logger): Route[] {
  const disclose = jsonRoute({
    path: PATHS.disclose,
    maxBodyBytes: MAX_DISCLOSE_BYTES,
    schema: DiscloseRequest,
    answer: async (request) => {
      const answer = await office.disclose(request);
      const { house, lot } = request.evidence;
      log.info({ event: 'sale-disclosed', house, lot });
      return answer;
    },
  });
  return [disclose];
}
