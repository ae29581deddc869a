/** Requests for timestamps, made beforehand, and proof that what came back are timestamps. */
import { randomBytes } from 'node:crypto';
import { digestOf } from '../../shared/crypto/digest.ts';
import { TrustedServiceClient } from '../../shared/http-client.ts';
import { authorityName, verifyKeySet } from '../../shared/pki/trust-anchors.ts';
import { verifyRoot } from '../../shared/pki/verify-certificate.ts';
import { TimestampVerifier } from '../../shared/timestamp/verify-timestamp.ts';
import { TimestampRequest } from '../../shared/wire/http-endpoints.ts';
import { TimestampToken } from '../../shared/wire/timestamp-token.ts';
import type { Sample } from '../load/messages.ts';
import type { Served } from './served.ts';

/** Bodies of so many requests, each with an imprint of its own. */
export function prepareRequests(count: number): string[] {
  return Array.from({ length: count }, () => JSON.stringify({ imprint: digestOf(randomBytes(32)) }));
}

/** Verifies tokens as anybody would, from the root. Throws for one that is not what was asked for. */
export async function verifySamples(samples: readonly Sample[], { url, rootPem }: Served): Promise<void> {
  const root = verifyRoot(rootPem);
  const client = new TrustedServiceClient({ baseUrl: url, root });
  const keys = verifyKeySet(await client.keySet(), root, Date.now());
  await client.close();
  const verifier = new TimestampVerifier(() => keys.timestamp, authorityName(root), 'real');
  for (const { request, answer } of samples) {
    const { imprint } = TimestampRequest.parse(JSON.parse(request));
    await verifier.verify(TimestampToken.parse(JSON.parse(answer)), imprint);
  }
}
