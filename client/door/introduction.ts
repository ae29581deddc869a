/** The first words with a server that nobody knows yet: what it says is shown and compared, and never trusted for itself. */
import { z } from 'zod';
import { ProtocolError } from '../../shared/errors.ts';
import { HttpConnection, parseAnswer, successful } from '../../shared/http-connection.ts';
import { type Certificate, verifyRoot } from '../../shared/pki/verify-certificate.ts';
import { AboutHouseAnswer } from '../../shared/wire/about-house.ts';
import { AboutAnswer, PATHS } from '../../shared/wire/http-endpoints.ts';
import { ClientError } from '../client-error.ts';

/** Which of the two services answered, and what it says of the other. */
export type Introduction =
  | { readonly service: 'trusted-service'; readonly url: string; readonly dmsUrl?: string }
  | { readonly service: 'dms'; readonly url: string; readonly trustedServiceUrl: string };

const TIMEOUT_MS = 5_000;
const MAX_REPLY_BYTES = 16_384;
/** Where the two services listen if nobody says otherwise. */
const USUAL_PORTS = [8443, 8444];

const Either = z.union([AboutHouseAnswer, AboutAnswer]);

/** The addresses that somebody may mean: a name alone is tried at the usual ports. Throws `option-malformed`. */
export function addressesMeant(typed: string): readonly string[] {
  const text = typed.trim();
  const hasScheme = text.includes('://');
  const url = URL.parse(hasScheme ? text : `https://${text}`);
  const isAddress = url !== null && ['https:', 'http:'].includes(url.protocol) && url.hostname !== '';
  if (!isAddress || url.username !== '' || /\s/.test(text)) {
    throw new ClientError('option-malformed', `${text} is no address such as https://trust.example:8443`);
  }
  const { origin, protocol, hostname } = url;
  // What follows the host is dropped: somebody may have copied the address of a page.
  if (hasScheme || url.port !== '' || /:443(\/|$)/.test(text)) return [origin];
  return USUAL_PORTS.map((port) => `${protocol}//${hostname}:${port}`);
}

/** Asks the first of these addresses that answers what it is. Throws the last one's refusal: `trusted-service-unreachable`. */
export async function introduce(urls: readonly string[]): Promise<Introduction> {
  let failure: unknown;
  for (const url of urls) {
    try {
      return await introduceOne(url);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      // The next address may be the one that is meant; the last failure is told.
      failure = error;
    }
  }
  throw failure;
}

async function introduceOne(url: string): Promise<Introduction> {
  const about = await asking(url, async (connection) =>
    parseAnswer(await connection.send('GET', PATHS.about, {}), Either),
  );
  if ('trustedService' in about) return { service: 'dms', url, trustedServiceUrl: originOf(about.trustedService) };
  return { service: 'trusted-service', url, ...(about.dms === undefined ? {} : { dmsUrl: originOf(about.dms) }) };
}

/** The root certificate that a Trusted Service shows: a root by its form, and whose it is nobody knows before it was compared. */
export function fetchShownRoot(url: string): Promise<Certificate> {
  return asking(url, async (connection) => {
    const { body } = successful(await connection.send('GET', PATHS.root, {}));
    return verifyRoot(new TextDecoder().decode(body));
  });
}

/** For these calls the server may be anybody. */
async function asking<Answer>(url: string, ask: (connection: HttpConnection) => Promise<Answer>): Promise<Answer> {
  const limits = { timeoutMs: TIMEOUT_MS, maxReplyBytes: MAX_REPLY_BYTES };
  const connection = new HttpConnection({ baseUrl: url, ...limits, trust: 'anybody' });
  try {
    return await ask(connection);
  } finally {
    await connection.close();
  }
}

function originOf(url: string): string {
  return new URL(url).origin;
}
