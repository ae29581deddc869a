/** The page at `/docs`: Swagger UI from this machine's own disk, under a policy that lets it load nothing from elsewhere. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { PATHS } from '../../shared/wire/http-endpoints.ts';
import type { Answer, Route } from '../http/route.ts';

/** Our own script and styles, answers of our own routes, and pictures that the styles hold in themselves. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');
/** They change with the version of the program alone. */
const KEEP_AN_HOUR = 'public, max-age=3600';
const SCRIPT = 'text/javascript; charset=utf-8';

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Gavel: the Trusted Service</title>
    <link rel="stylesheet" href="${PATHS.docs}/swagger-ui.css">
    <link rel="icon" type="image/png" href="${PATHS.docs}/favicon-32x32.png">
  </head>
  <body>
    <noscript>This page needs its own script; the description itself is at <a href="${PATHS.openApi}">${PATHS.openApi}</a>.</noscript>
    <div id="swagger-ui"></div>
    <script src="${PATHS.docs}/swagger-ui-bundle.js"></script>
    <script src="${PATHS.docs}/begin.js"></script>
  </body>
</html>
`;

/** A foreign validator would be told what is described here. */
const BEGIN = `SwaggerUIBundle({ url: ${JSON.stringify(PATHS.openApi)}, dom_id: '#swagger-ui', deepLinking: true, validatorUrl: null });\n`;

/** Files of swagger-ui-dist that the page asks for. */
const FILES: ReadonlyMap<string, string> = new Map([
  ['swagger-ui.css', 'text/css; charset=utf-8'],
  ['swagger-ui-bundle.js', SCRIPT],
  ['favicon-32x32.png', 'image/png'],
]);

export function createDocsRoutes(): Route[] {
  const page: Route = {
    method: 'get',
    paths: [PATHS.docs],
    about: {
      group: 'Service',
      summary: 'This description as a page',
      answers: { 200: [{ type: 'text/html' }] },
      refusals: [],
    },
    answer: () => asset('text/html; charset=utf-8', PAGE),
  };
  const files = [...FILES].map(([name, type]) =>
    part(
      name,
      once(() => readFile(fileOf(name))),
      type,
    ),
  );
  return [page, part('begin.js', () => BEGIN, SCRIPT), ...files];
}

/** Something that the page asks for. */
function part(name: string, read: () => Answer['body'] | Promise<Answer['body']>, type: string): Route {
  return { method: 'get', paths: [`${PATHS.docs}/${name}`], answer: async () => asset(type, await read()) };
}

function asset(type: string, body: Answer['body']): Answer {
  const headers = { 'Content-Type': type, 'Cache-Control': KEEP_AN_HOUR, 'Content-Security-Policy': POLICY };
  return { status: 200, headers, body };
}

/** The package is looked for when somebody reads the page, and not before. */
function fileOf(name: string): string {
  const require = createRequire(import.meta.url);
  return join(require.resolve('swagger-ui-dist/package.json'), '..', name);
}

/** Reads at the first call; one that failed is tried again by the next one. */
function once<Value>(read: () => Promise<Value>): () => Promise<Value> {
  let value: Promise<Value> | undefined;
  return () => {
    value ??= read().catch((error: unknown) => {
      value = undefined;
      throw error;
    });
    return value;
  };
}
