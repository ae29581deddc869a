/** Participants by the hundred: each with keys, a certificate and a token of its own, none with a home on disk. */
import { randomUUID } from 'node:crypto';
import { TrustedServiceApi } from '../../client/connection/trusted-service-api.ts';
import { createIdentitySigner, generateIdentityKey, type IdentitySigner } from '../../client/sealing/p256-signer.ts';
import { generateAgreementKey } from '../../shared/crypto/ecies-box.ts';
import { signJws } from '../../shared/crypto/jws.ts';
import { TrustedServiceClient } from '../../shared/http-client.ts';
import { verifyRoot } from '../../shared/pki/verify-certificate.ts';
import { buildCertificationRequest } from '../../shared/pki/x509-builder.ts';
import { systemClock } from '../../shared/time/clock.ts';
import type { IssueProof } from '../../shared/wire/http-endpoints.ts';
import type { ConnectionAuth } from '../../shared/wire/socket-events.ts';

/** Everybody enrols at once otherwise, and the last one waits too long for an answer. */
const AT_ONCE = 8;
/** Nothing is measured here. */
const PATIENCE_MS = 60_000;

export interface Participant {
  readonly auth: ConnectionAuth;
  readonly signer: IdentitySigner;
}

/** Enrols one participant for each name. */
export async function enrolAll(
  trustedServiceUrl: string,
  rootPem: string,
  names: readonly string[],
): Promise<Participant[]> {
  const root = verifyRoot(rootPem);
  const client = new TrustedServiceClient({ baseUrl: trustedServiceUrl, root, timeoutMs: PATIENCE_MS });
  const api = new TrustedServiceApi(client, root, systemClock);
  await api.syncTime();
  const left = [...names];
  const enrolled: Participant[] = [];
  const work = async () => {
    for (let name = left.pop(); name !== undefined; name = left.pop()) enrolled.push(await enrol(api, name));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  await api.close();
  return enrolled;
}

async function enrol(api: TrustedServiceApi, username: string): Promise<Participant> {
  const signer = createIdentitySigner(generateIdentityKey());
  const csr = await buildCertificationRequest(signer.keys, generateAgreementKey().publicKey);
  const { certificate, chain } = await api.http.signCsr({ csr, username });
  const claims: IssueProof = { aud: api.authority, iat: api.clock.now(), jti: randomUUID() };
  const { token } = await api.http.issue({ certificate, proof: await signJws(signer, 'proof+jwt', claims) });
  return { auth: { token, certificate, chain }, signer };
}
