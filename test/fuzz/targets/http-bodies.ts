/** Bodies of requests to the Trusted Service: JSON as its HTTP library takes it, then the schema of the route. */
import type { z } from 'zod';
import { canonicalJson } from '../../../shared/canonical-json.ts';
import {
  DiscloseRequest,
  InvitesRequest,
  IssueRequest,
  RevokeRequest,
  SetTimeRequest,
  SignCsrRequest,
  TimestampRequest,
} from '../../../shared/wire/http-endpoints.ts';
import { WitnessRequest } from '../../../shared/wire/log.ts';
import { parseWith } from '../../../trusted-service/http/route.ts';
import { CORPUS } from '../corpus.ts';
import { mutateJson } from '../mutate-json.ts';
import { demand, judging, type Target } from '../target.ts';

const SCHEMAS = {
  signCsr: SignCsrRequest,
  invites: InvitesRequest,
  issue: IssueRequest,
  revoke: RevokeRequest,
  timestamp: TimestampRequest,
  setTime: SetTimeRequest,
  disclose: DiscloseRequest,
  witness: WitnessRequest,
} as const satisfies Record<string, z.ZodType>;

interface Input {
  readonly route: keyof typeof SCHEMAS;
  readonly text: string;
}

const [certificate, authority] = [CORPUS.certificates.participant, CORPUS.certificates['issuing-ca']];
const proof = CORPUS.signed['proof+jwt'];
const [{ token, imprint }] = CORPUS.stamps as [(typeof CORPUS.stamps)[number]];
const house = '5f0c4a52-0c1f-4f0e-9b1a-3a6a5c0d8e21';
const [listing, bid] = CORPUS.envelopes.map((text) => ({ ...JSON.parse(text), certificate }));
const closing = { nonce: 'n'.repeat(22), timestamp: token };
const evidence = { house, lot: house, closesAt: CORPUS.now, listing, bid, closing };
const BODIES: readonly [Input['route'], object][] = [
  ['signCsr', { csr: CORPUS.csrs[0], username: 'ada', contact: 'ada@example.org', invite: 'AAAAA-BBBBB' }],
  ['signCsr', { csr: CORPUS.csrs[1], hosts: ['localhost', '127.0.0.1'], house }],
  ['invites', { count: 3, expiresInMs: 3_600_000, note: 'For the hall' }],
  ['issue', { certificate, proof }],
  ['revoke', { serial: '0a1b', reason: 'keyCompromise', proof }],
  ['timestamp', { imprint }],
  ['setTime', { time: CORPUS.now }],
  ['disclose', { request: proof, certificate, chain: [authority], evidence }],
  ['witness', { ...CORPUS.checkpoint, from: 1, path: ['A'.repeat(43)] }],
];

function judge({ route, text }: Input): string {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return 'no JSON';
    throw error;
  }
  const read = () => parseWith<object>(SCHEMAS[route], body);
  const verdict = judging(['malformed'], read, (parsed) => {
    demand(SCHEMAS[route].safeParse(parsed).success, 'it has another form than its schema says');
  });
  // Whoever asks for a disclosure signs the form of RFC 8785 of the evidence: there is one, or a refusal.
  return verdict === 'accepted'
    ? judging(
        ['malformed'],
        () => canonicalJson(read()),
        () => {},
      )
    : verdict;
}

export const httpBodies: Target<Input> = {
  name: 'http-bodies',
  reaches: ['accepted', 'malformed'],
  prepare: () => ({
    valid: BODIES.map(([route, body]) => ({ route, text: JSON.stringify(body) })),
    mutate: ({ route, text }, choice, other) => ({
      route: choice.oneIn(40) ? other.route : route,
      text: mutateJson(text, choice, other.text),
    }),
    judge,
    // Half of a character in a text that no schema looks into.
    found: [
      {
        route: 'disclose',
        text: JSON.stringify({
          request: proof,
          certificate,
          chain: [authority],
          evidence: { ...evidence, bid: { ...bid, statement: '\ud800' } },
        }),
      },
    ],
  }),
};
