/** Whom the client believes: a server under the pinned root, with the Trusted Service's own profile, and a root by its fingerprint. */
import type { RequestListener } from 'node:http';
import { beforeAll, describe, expect, it } from 'vitest';
import { fetchRoot, loadRoot, TrustedServiceClient } from '../../shared/http-client.ts';
import { PATHS } from '../../shared/wire/http-endpoints.ts';
import { refusalOf } from '../support/refusal.ts';
import { withFiles } from '../support/run-openssl.ts';
import { createTestAuthority, type Issued, type TestAuthority } from '../support/test-authority.ts';
import { json, serve, tlsOf } from '../support/test-server.ts';

// TLS is judged by the machine's clock.
const NOW = Date.now();
const CLOCK = { clock: 'simulated', epoch: 1, time: NOW, offsetMs: 0 };

let authority: TestAuthority;
let server: Issued;

beforeAll(async () => {
  authority = await createTestAuthority(NOW);
  server = await authority.issue('trusted-service-tls');
});

/** One call to a server with this certificate. */
async function callOver(tls: object, answer: RequestListener): Promise<unknown> {
  await using listening = await serve(answer, tls);
  const client = new TrustedServiceClient({ baseUrl: listening.url, root: authority.root.certificate });
  try {
    return await client.clock();
  } finally {
    await client.close();
  }
}

describe('a server is not trusted with', () => {
  const rows: readonly [what: string, tls: () => Promise<object>][] = [
    [
      'a certificate of another root',
      async () => {
        const stranger = await createTestAuthority(NOW);
        return tlsOf(await stranger.issue('trusted-service-tls'), stranger);
      },
    ],
    [
      'a certificate for another host',
      async () => tlsOf(await authority.issue('trusted-service-tls', { hosts: ['example.org'] }), authority),
    ],
    [
      'an expired certificate',
      async () => tlsOf(await authority.issue('trusted-service-tls', { notAfter: NOW - 2_000 }), authority),
    ],
    [
      'a certificate of tomorrow',
      async () => tlsOf(await authority.issue('trusted-service-tls', { notBefore: NOW + 60_000 }), authority),
    ],
    ["a DMS's certificate", async () => tlsOf(await authority.issue('dms-node'), authority)],
    ["a participant's certificate", async () => tlsOf(await authority.issue('participant'), authority)],
    ['no issuing CA', async () => ({ ...tlsOf(server, authority), cert: server.certificate.pem })],
  ];
  it.each(rows)('%s', async (_, tls) => {
    let reached = false;
    const answer: RequestListener = (request, response) => {
      reached = true;
      json(CLOCK)(request, response);
    };
    expect(await refusalOf(callOver(await tls(), answer))).toBe('peer-untrusted');
    expect(reached).toBe(false);
  });

  it('nothing that a good one has not: the same call goes through', async () => {
    expect(await callOver(tlsOf(server, authority), json(CLOCK))).toEqual(CLOCK);
  });

  it('TLS 1.2', async () => {
    const tls = { ...tlsOf(server, authority), maxVersion: 'TLSv1.2' };
    expect(await refusalOf(callOver(tls, json(CLOCK)))).toBe('trusted-service-unreachable');
  });
});

describe('the root', () => {
  const pem: RequestListener = (request, response) =>
    response.writeHead(request.url === PATHS.root ? 200 : 404).end(authority.root.certificate.pem);

  it('is fetched from anybody, and is the one with the fingerprint', async () => {
    const { sha256 } = authority.root.certificate;
    const stranger = await createTestAuthority(NOW);
    for (const tls of [tlsOf(await stranger.issue('dms-node'), stranger), undefined]) {
      await using listening = await serve(pem, tls);
      const written = sha256.toUpperCase().replaceAll(/..(?=.)/g, '$&:');
      for (const fingerprint of [sha256, `sha256:${sha256}`, written, `sha256:${written}`]) {
        expect((await fetchRoot(listening.url, fingerprint)).sha256).toBe(sha256);
      }
      expect((await loadRoot(`sha256:${sha256}`, listening.url)).sha256).toBe(sha256);
    }
  });

  it('is refused with another fingerprint, or none', async () => {
    await using listening = await serve(pem);
    for (const fingerprint of [`sha256:${'0'.repeat(64)}`, 'sha256:', authority.root.certificate.sha256.slice(2)]) {
      expect(await refusalOf(fetchRoot(listening.url, fingerprint))).toBe('peer-untrusted');
    }
  });

  it('is refused where it is no root', async () => {
    for (const { certificate } of [authority.issuer, server]) {
      await using listening = await serve((_, response) => response.end(certificate.pem));
      expect(await refusalOf(fetchRoot(listening.url, certificate.sha256))).toBe('peer-untrusted');
    }
    await using html = await serve((_, response) => response.end('<html>'));
    expect(await refusalOf(fetchRoot(html.url, '0'.repeat(64)))).toBe('peer-untrusted');
    await using long = await serve((_, response) => response.end(' '.repeat(4_000) + authority.root.certificate.pem));
    expect(await refusalOf(fetchRoot(long.url, authority.root.certificate.sha256))).toBe('trusted-service-unreachable');
  });

  it('is loaded from a file', async () => {
    const files = { root: authority.root.certificate.pem, leaf: server.certificate.pem, text: 'hello' };
    await withFiles(files, async (paths) => {
      expect((await loadRoot(paths.root, 'unused')).sha256).toBe(authority.root.certificate.sha256);
      expect(await refusalOf(loadRoot(paths.leaf, 'unused'))).toBe('certificate-untrusted');
      expect(await refusalOf(loadRoot(paths.text, 'unused'))).toBe('certificate-malformed');
      expect(await refusalOf(loadRoot(`${paths.root}.none`, 'unused'))).toBe('peer-untrusted');
    });
  });
});
