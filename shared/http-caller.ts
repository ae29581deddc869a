/** Who may speak to one of our servers over HTTP: programs that use one of its names, and no web page of somebody else. */
import type { IncomingHttpHeaders } from 'node:http';
import type { RefusalCode } from './errors.ts';

/** A name or an address, IPv6 in brackets, and perhaps a port (RFC 9110 section 7.2). */
const HOST = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]+))(?::\d{1,5})?$/;

/** What a browser says of requests that somebody made himself, or a page of ours did (W3C Fetch Metadata). */
const OUR_SITES: ReadonlySet<unknown> = new Set([undefined, 'none', 'same-origin']);

export type CallerRefusal = Extract<RefusalCode, 'host-not-allowed' | 'origin-not-allowed'>;

/**
 * A check of a request's headers: 'host-not-allowed' for a `Host` that is none of `names` (DNS rebinding),
 * 'origin-not-allowed' for a request from a web page of another origin, unless it is a link that somebody follows. The
 * port in `Host` may be any: a proxy has its own.
 */
export function createCallerCheck(
  names: readonly string[],
): (headers: IncomingHttpHeaders) => CallerRefusal | undefined {
  const allowed = new Set(names.map((name) => name.toLowerCase()));
  return ({ host: sent = '', origin, 'sec-fetch-site': site, 'sec-fetch-mode': mode }) => {
    const host = sent.toLowerCase();
    const [, address, name] = HOST.exec(host) ?? [];
    if (!allowed.has(address ?? name ?? '')) return 'host-not-allowed';
    // An opaque origin, `null`, has no host and is refused with the others.
    if (origin !== undefined && URL.parse(origin)?.host !== host) return 'origin-not-allowed';
    // Pictures and scripts that a page asks for have no origin to tell.
    return OUR_SITES.has(site) || mode === 'navigate' ? undefined : 'origin-not-allowed';
  };
}
