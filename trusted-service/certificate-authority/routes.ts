/** The certification authority over HTTP: enrolment, revocation, and what everybody may fetch. */
import type { Logger } from 'pino';
import { z } from 'zod';
import {
  IssuerFingerprint,
  type KeyArchive,
  type KeySet,
  PATHS,
  RevokeRequest,
  type SignCsrAnswer,
  SignNodeCsr,
  SignParticipantCsr,
} from '../../shared/wire/http-endpoints.ts';
import { MAX_REVOKE_BYTES, MAX_SIGN_CSR_BYTES } from '../http/body-limits.ts';
import { type Answer, type Call, jsonRoute, parseWith, type Route } from '../http/route.ts';
import type { OperatorAccess } from '../operator-access.ts';
import type { CertificateAuthority } from './certificate-authority.ts';
import type { RevocationPublisher } from './revocation-publisher.ts';

/** Readers keep a copy, and ask each time whether it is still the current one. */
const ASK_AGAIN = 'no-cache';
/** The root does not change while it lives. */
const KEEP_A_DAY = 'public, max-age=86400';
const CREATED = 201;

/** Of which issuing CA; without it, of the one that issues now. */
const ListQuery = z.strictObject({ issuer: IssuerFingerprint.optional() });

export interface CertificateRoutesParts {
  readonly authority: CertificateAuthority;
  readonly publisher: RevocationPublisher;
  readonly operator: OperatorAccess;
  readonly rootPem: string;
  readonly keySet: () => KeySet;
  readonly keyArchive: () => KeyArchive;
  readonly log: Logger;
}

export function createCertificateRoutes(parts: CertificateRoutesParts): Route[] {
  const { publisher, rootPem, keySet, keyArchive } = parts;
  return [
    signCsr(parts),
    revoke(parts),
    get([PATHS.jwks, PATHS.jwksAlias], () =>
      published('application/jwk-set+json', ASK_AGAIN, JSON.stringify(keySet())),
    ),
    // RFC 8555 section 9.1 has the type.
    get([PATHS.root], () => published('application/pem-certificate-chain', KEEP_A_DAY, rootPem)),
    get([PATHS.keyArchive], () => published('application/json', ASK_AGAIN, JSON.stringify(keyArchive()))),
    get([PATHS.crl], async ({ query }) => {
      const { issuer } = parseWith(ListQuery, query);
      const { der, etag } = await (issuer === undefined ? publisher.current() : publisher.currentOf(issuer));
      // RFC 5280 section 4.2.1.13 has the type.
      const list = published('application/pkix-crl', ASK_AGAIN, der);
      return { ...list, headers: { ...list.headers, ETag: etag } };
    }),
  ];
}

function get(paths: readonly string[], answer: Route['answer']): Route {
  return { method: 'get', paths, answer };
}

function published(type: string, caching: string, body: string | Uint8Array): Answer {
  return { status: 200, headers: { 'Content-Type': type, 'Cache-Control': caching }, body };
}

function signCsr({ authority, operator, log }: CertificateRoutesParts): Route {
  return jsonRoute({
    path: PATHS.signCsr,
    maxBodyBytes: MAX_SIGN_CSR_BYTES,
    schema: z.looseObject({}),
    status: CREATED,
    answer: async (body, call) => {
      const answer = await certify(body, call);
      log.info({ event: 'certificate-issued', subject: answer.subject, profile: profileOf(body) });
      return answer;
    },
  });

  /** A request that names hosts or a house is a DMS node's: the operator's token decides before anything else. */
  async function certify(body: object, { headers, address }: Call): Promise<SignCsrAnswer> {
    if (profileOf(body) === 'dms-node') {
      operator.demand(headers);
      const { csr, hosts, house } = parseWith(SignNodeCsr, body);
      return authority.certifyNode(csr, { hosts, house });
    }
    const { csr, ...application } = parseWith(SignParticipantCsr, body);
    return authority.certifyParticipant(csr, application, address);
  }
}

function profileOf(body: object): 'dms-node' | 'participant' {
  return 'hosts' in body || 'house' in body ? 'dms-node' : 'participant';
}

function revoke({ authority, operator, log }: CertificateRoutesParts): Route {
  return jsonRoute({
    path: PATHS.revoke,
    maxBodyBytes: MAX_REVOKE_BYTES,
    schema: RevokeRequest,
    answer: async (request, { headers }) => {
      // With a proof and no token it is the owner who asks; in every other case only the operator may.
      const byOperator = operator.isClaimed(headers) || request.proof === undefined;
      if (byOperator) operator.demand(headers);
      const answer = await authority.revoke(request, byOperator);
      const { serial, reason } = request;
      log.info({ event: 'certificate-revoked', serial, reason, by: byOperator ? 'operator' : 'owner' });
      return answer;
    },
  });
}
