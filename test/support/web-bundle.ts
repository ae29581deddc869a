/** The SDK as a bundler for browsers makes it, and the bare world in which it then runs. */
import { webcrypto } from 'node:crypto';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { build, type Metafile } from 'esbuild';
import { Agent, fetch as fetchWith, WebSocket as TrustingWebSocket } from 'undici';

const PROJECT = join(import.meta.dirname, '../..');
const EVERYTHING = `export * from './client/sdk.ts'; export * from './client/identity/key-store.ts';`;

export interface WebBundle {
  readonly code: string;
  readonly metafile: Metafile;
}

/** `source` is a module in `folder`; by default in the project's, and everything that the package exports. */
export async function bundleForBrowsers(source: string = EVERYTHING, folder: string = PROJECT): Promise<WebBundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: source, resolveDir: folder, loader: 'ts' },
    absWorkingDir: PROJECT,
    platform: 'browser',
    conditions: ['browser'],
    target: 'es2024',
    format: 'iife',
    globalName: 'gavel',
    bundle: true,
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  return { code: outputFiles[0]!.text, metafile };
}

/**
 * What a page has and the bundle may use. `fetch` and `WebSocket` trust a root, as those of a browser do in which it is
 * installed, and nothing else.
 */
export function webWorld(rootPem: string): {
  readonly run: (code: string) => unknown;
  readonly close: () => Promise<void>;
} {
  const dispatcher = new Agent({ connect: { ca: rootPem } });
  class WebSocket extends TrustingWebSocket {
    constructor(url: string, protocols: string | string[] = []) {
      super(url, { protocols, dispatcher });
    }
  }
  const fetch = (url: string, request: object) => fetchWith(url, { ...request, dispatcher });
  const { TextEncoder, TextDecoder, URL, URLSearchParams, AbortController, AbortSignal, DOMException } = globalThis;
  const { setTimeout, clearTimeout, setInterval, clearInterval, queueMicrotask, structuredClone } = globalThis;
  const { performance, Blob, Event, EventTarget, atob, btoa } = globalThis;
  const world = createContext({
    ...{ fetch, WebSocket, crypto: webcrypto, navigator: { userAgent: 'a bare world' } },
    ...{ TextEncoder, TextDecoder, URL, URLSearchParams, AbortController, AbortSignal, DOMException },
    ...{ setTimeout, clearTimeout, setInterval, clearInterval, queueMicrotask, structuredClone },
    ...{ performance, Blob, Event, EventTarget, atob, btoa },
  });
  return { run: (code) => runInContext(code, world), close: () => dispatcher.close() };
}
