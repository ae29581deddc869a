/** `GET /`: what this is and where to look further, for people, for a terminal and for programs. */
import { z } from 'zod';
import { AboutAnswer, PATHS } from '../../shared/wire/http-endpoints.ts';
import type { SimulatedClock } from '../clock/simulated-clock.ts';
import { jsonForm, type Route } from '../http/route.ts';

export interface AboutParts {
  /** `sha256:` and the root's fingerprint in hexadecimal. */
  readonly authorityName: string;
  readonly clock: SimulatedClock;
  /** The address of the house, where the operator has it told. */
  readonly dmsUrl: string | undefined;
}

const NAME = 'Gavel: the Trusted Service';
const WHAT =
  'The authority of an auction house: it certifies keys, issues access tokens, signs the time, and names seller and ' +
  'winner of a sale to each other.';
const LINKS = {
  docs: PATHS.docs,
  openapi: PATHS.openApi,
  root: PATHS.root,
  keys: PATHS.jwks,
  'revocation-list': PATHS.crl,
  health: PATHS.health,
  ready: PATHS.ready,
} as const;
/** What `curl` gets, and who does not say what he wants. */
const TEXT = 'text/plain';
const HTML = 'text/html';
const JSON_TYPE = 'application/json';

export function createAboutRoute({ authorityName: authority, clock: { kind: clock }, dmsUrl }: AboutParts): Route {
  const dms = dmsUrl === undefined ? {} : { dms: dmsUrl };
  const about: AboutAnswer = { name: NAME, what: WHAT, authority, clock, links: LINKS, ...dms };
  const bodies: Readonly<Record<string, string>> = {
    [TEXT]: textOf(about),
    [HTML]: pageOf(about),
    [JSON_TYPE]: JSON.stringify(about),
  };
  return {
    method: 'get',
    paths: [PATHS.about],
    about: {
      group: 'Service',
      summary: 'What this is',
      answers: { 200: [jsonForm(AboutAnswer), { type: TEXT, schema: z.string() }, { type: HTML, schema: z.string() }] },
      refusals: [],
    },
    answer: ({ prefers }) => {
      const type = prefers(Object.keys(bodies)) ?? TEXT;
      const headers = { 'Content-Type': `${type}; charset=utf-8`, 'Cache-Control': 'no-cache', Vary: 'Accept' };
      return { status: 200, headers, body: bodies[type] ?? '' };
    },
  };
}

function textOf({ name, what, authority, clock, links, dms }: AboutAnswer): string {
  const lines = Object.entries(dms === undefined ? links : { ...links, dms }).map(
    ([label, path]) => `  ${label.padEnd(16)} ${path}`,
  );
  return `${[name, what, '', `  ${'root certificate'.padEnd(16)} ${authority}`, `  ${'clock'.padEnd(16)} ${clock}`, ...lines].join('\n')}\n`;
}

/** Nothing of it comes from a request. */
function pageOf({ name, what, authority, clock, links }: AboutAnswer): string {
  const items = Object.entries(links).map(([label, path]) => `      <li><a href="${path}">${label}</a></li>`);
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${name}</title>
  </head>
  <body>
    <h1>${name}</h1>
    <p>${what}</p>
    <p>Root certificate: <code>${authority}</code>. Compare it with what the operator gave you by another way. Clock: ${clock}.</p>
    <ul>
${items.join('\n')}
    </ul>
  </body>
</html>
`;
}
