/** The certification authority over HTTP: enrolment, revocation, and what everybody may fetch. */
import type { Logger } from 'pino';
import { z } from 'zod';
import {
  IssuerFingerprint,
  KeyArchive,
  KeySet,
  PATHS,
  RevokeAnswer,
  RevokeRequest,
  SignCsrAnswer,
  SignCsrRequest,
  SignNodeCsr,
  SignParticipantCsr,
} from '../../shared/wire/http-endpoints.ts';
import { MAX_REVOKE_BYTES, MAX_SIGN_CSR_BYTES } from '../http/body-limits.ts';
import {
  type Answer,
  type Call,
  type Form,
  jsonForm,
  jsonRoute,
  parseWith,
  type Route,
  type RouteAbout,
} from '../http/route.ts';
import type { OperatorAccess } from '../operator-access.ts';
import type { CertificateAuthority } from './certificate-authority.ts';
import type { RevocationPublisher } from './revocation-publisher.ts';

/** Readers keep a copy, and ask each time whether it is still the current one. */
const ASK_AGAIN = 'no-cache';
/** The root does not change while it lives. */
const KEEP_A_DAY = 'public, max-age=86400';
const CREATED = 201;
const JSON_TYPE = 'application/json';
const JWK_SET = 'application/jwk-set+json';
/** RFC 8555, section 9.1. */
const PEM_CHAIN = 'application/pem-certificate-chain';
/** RFC 5280, section 4.2.1.13. */
const PKIX_CRL = 'application/pkix-crl';

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
    get([PATHS.jwks, PATHS.jwksAlias], 'The keys that verify tokens and timestamps, with their certificates', {
      form: { type: JWK_SET, schema: KeySet },
      answer: () => published(JWK_SET, ASK_AGAIN, JSON.stringify(keySet())),
    }),
    get([PATHS.keyArchive], 'Every certificate that those keys and former ones ever had', {
      form: jsonForm(KeyArchive),
      answer: () => published(JSON_TYPE, ASK_AGAIN, JSON.stringify(keyArchive())),
    }),
    get([PATHS.root], 'The root certificate: compare its fingerprint before you trust it', {
      form: { type: PEM_CHAIN, schema: z.string() },
      answer: () => published(PEM_CHAIN, KEEP_A_DAY, rootPem),
    }),
    get([PATHS.crl], 'The revocation list (RFC 5280) of an issuing CA in use, with an entity tag', {
      query: ListQuery,
      form: { type: PKIX_CRL },
      answers: { 304: [] },
      refusals: ['malformed', 'not-found', 'clock-out-of-certificates'],
      answer: async ({ query }) => {
        const { issuer } = parseWith(ListQuery, query);
        const { der, etag } = await (issuer === undefined ? publisher.current() : publisher.currentOf(issuer));
        const list = published(PKIX_CRL, ASK_AGAIN, der);
        return { ...list, headers: { ...list.headers, ETag: etag } };
      },
    }),
  ];
}

/** A route of what everybody may fetch. */
function get(
  paths: readonly string[],
  summary: string,
  route: Pick<RouteAbout, 'query'> & {
    readonly form: Form;
    readonly answers?: RouteAbout['answers'];
    readonly refusals?: RouteAbout['refusals'];
    readonly answer: (call: Call) => Answer | Promise<Answer>;
  },
): Route {
  const { form, answers = {}, refusals = [], answer, ...rest } = route;
  const about = { group: 'Certificates', summary, ...rest, answers: { 200: [form], ...answers }, refusals } as const;
  return { method: 'get', paths, about, answer };
}

function published(type: string, caching: string, body: string | Uint8Array): Answer {
  return { status: 200, headers: { 'Content-Type': type, 'Cache-Control': caching }, body };
}

function signCsr({ authority, operator, log }: CertificateRoutesParts): Route {
  return jsonRoute({
    path: PATHS.signCsr,
    maxBodyBytes: MAX_SIGN_CSR_BYTES,
    // Whose request it is shows in what it names, and is decided before it is read.
    schema: z.looseObject({}),
    reply: SignCsrAnswer,
    about: {
      group: 'Certificates',
      summary: 'Enrol or renew; the operator certifies DMS nodes',
      more: "A user name makes it a participant's request; hosts and a house make it a node's (docs/PROTOCOL.md, section 2.1).",
      token: 'operator-sometimes',
      body: SignCsrRequest,
      refusals: [
        'csr-invalid',
        'username-invalid',
        'username-taken',
        'subject-has-other-username',
        'invite-required',
        'invite-invalid',
        'key-revoked',
        'clock-out-of-certificates',
      ],
    },
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
    reply: RevokeAnswer,
    about: {
      group: 'Certificates',
      summary: 'Withdraw a certificate, every other one of its key, and the key',
      more: 'By a `revocation-proof+jwt` of that key, or by the operator (docs/PROTOCOL.md, section 2.3).',
      token: 'operator-sometimes',
      refusals: [
        'not-certificate-owner',
        'not-found',
        'proof-invalid',
        'proof-expired',
        'proof-replayed',
        'clock-out-of-certificates',
      ],
    },
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
