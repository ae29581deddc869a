import { get } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { createContext, runInContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PATHS } from '../../../shared/wire/http-endpoints.ts';
import { TestMachine, TestService } from '../test-service.ts';

let service: TestService;
beforeAll(async () => {
  service = await TestService.start({ tls: true }, new TestMachine(Date.now()));
});
afterAll(() => service.stop());

interface Fetched {
  readonly status: number | undefined;
  readonly type: string | undefined;
  readonly policy: string;
  readonly text: string;
}

/** Over HTTPS, by who trusts the root and nothing else. */
function fetchPage(path: string): Promise<Fetched> {
  return new Promise((resolve, reject) => {
    get(new URL(path, service.url), { ca: service.root.pem }, async (answer) => {
      const text = (await buffer(answer)).toString();
      const policy = String(answer.headers['content-security-policy']);
      resolve({ status: answer.statusCode, type: answer.headers['content-type'], policy, text });
    }).on('error', reject);
  });
}

/** What a page makes a browser ask for. */
function assetsOf(html: string): string[] {
  return Array.from(html.matchAll(/<(?:script|link|img|iframe)[^>]*?\s(?:src|href)="([^"]*)"/g), ([, url = '']) => url);
}

const TYPES: Record<string, string> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  png: 'image/png',
};

describe('the page at /docs', () => {
  it('is HTML without a script or a style of its own in it', async () => {
    const { status, type, text } = await fetchPage(PATHS.docs);
    expect([status, type]).toEqual([200, 'text/html; charset=utf-8']);
    expect(text).not.toMatch(/<style|\sstyle=|\son\w+=|javascript:/i);
    for (const [, inside] of text.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)) expect(inside).toBe('');
  });

  it('asks for things of its own origin alone, and each of them is there', async () => {
    const { text } = await fetchPage(PATHS.docs);
    const assets = assetsOf(text);
    expect(assets.length).toBeGreaterThanOrEqual(4);
    for (const path of assets) {
      expect(new URL(path, service.url).origin, path).toBe(new URL(service.url).origin);
      const asset = await fetchPage(path);
      expect([asset.status, asset.type], path).toEqual([200, TYPES[path.split('.').at(-1) ?? '']]);
      expect(asset.text.length, path).toBeGreaterThan(50);
    }
  });

  it('has styles that fetch nothing', async () => {
    const { text } = await fetchPage(`${PATHS.docs}/swagger-ui.css`);
    const urls = Array.from(text.matchAll(/url\(\s*["']?([^"')]+)/g), ([, url = '']) => url);
    expect(urls.filter((url) => !url.startsWith('data:'))).toEqual([]);
    expect(text).not.toContain('@import');
  });

  it('begins with our description and asks no validator elsewhere', async () => {
    const { text } = await fetchPage(`${PATHS.docs}/begin.js`);
    const begun: Record<string, unknown>[] = [];
    runInContext(text, createContext({ SwaggerUIBundle: (options: Record<string, unknown>) => begun.push(options) }));
    expect(begun).toEqual([expect.objectContaining({ url: PATHS.openApi, validatorUrl: null })]);
    const bundle = await fetchPage(`${PATHS.docs}/swagger-ui-bundle.js`);
    expect(bundle.text).toContain('SwaggerUIBundle');
    expect((await fetchPage(PATHS.openApi)).status).toBe(200);
  });

  it('may load nothing from elsewhere, by its policy', async () => {
    const { policy } = await fetchPage(PATHS.docs);
    const directives = Object.fromEntries(
      policy.split(';').map((part) => [part.trim().split(' ')[0], part.trim().split(' ').slice(1)]),
    );
    expect(directives).toEqual({
      'default-src': ["'none'"],
      'script-src': ["'self'"],
      'style-src': ["'self'"],
      'img-src': ["'self'", 'data:'],
      'connect-src': ["'self'"],
      'base-uri': ["'none'"],
      'form-action': ["'none'"],
      'frame-ancestors': ["'none'"],
    });
    expect((await fetchPage(PATHS.root)).policy).toMatch(/^default-src 'none';/);
  });
});
