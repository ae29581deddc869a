/** Disclosure over HTTP, for DMS nodes: the request itself shows who asks. */
import type { Logger } from 'pino';
import { DiscloseAnswer, DiscloseRequest, PATHS } from '../../shared/wire/http-endpoints.ts';
import { STOP_CODES } from '../guard/stop-book.ts';
import { MAX_DISCLOSE_BYTES } from '../http/body-limits.ts';
import { jsonRoute, type Route } from '../http/route.ts';
import type { DisclosureOffice } from './disclosure-office.ts';

export function createDisclosureRoutes(office: DisclosureOffice, log: Logger): Route[] {
  const disclose = jsonRoute({
    path: PATHS.disclose,
    maxBodyBytes: MAX_DISCLOSE_BYTES,
    schema: DiscloseRequest,
    reply: DiscloseAnswer,
    about: {
      group: 'Disclosure',
      summary: 'Name the parties of a sale to each other, on evidence of the sale',
      more: 'For DMS nodes: `request` is signed by the key of a node of the house (docs/PROTOCOL.md, section 7.2).',
      refusals: [
        'certificate-malformed',
        'certificate-untrusted',
        'certificate-expired',
        'certificate-not-yet-valid',
        'certificate-revoked',
        'signature-invalid',
        'evidence-invalid',
        'disclosure-conflict',
        ...STOP_CODES,
      ],
    },
    answer: async (request) => {
      const answer = await office.disclose(request);
      const { house, lot } = request.evidence;
      log.info({ event: 'sale-disclosed', house, lot });
      return answer;
    },
  });
  return [disclose];
}
