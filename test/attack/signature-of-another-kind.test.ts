/** One kind of signature used as another: in each place exactly one `typ` is taken, however right the key and the claims are. */
import { createPrivateKey, createPublicKey, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { verifyOffer } from '../../client/connection/handshake.ts';
import { TrustedServiceApi } from '../../client/connection/trusted-service-api.ts';
import { KeyStore } from '../../client/identity/key-store.ts';
import { NoticeDesk, type NoticeDeskParts } from '../../client/notice-desk.ts';
import { LogApi } from '../../client/proof/log-api.ts';
import { encodeBase64url, utf8 } from '../../shared/bytes.ts';
import { canonicalJson } from '../../shared/canonical-json.ts';
import { digestOf, digestOfText } from '../../shared/crypto/digest.ts';
import { sealTo } from '../../shared/crypto/ecies.ts';
import { createJwsSigner, type JwsSigner, type JwsType, parseJws, signJws } from '../../shared/crypto/jws.ts';
import { ProtocolError } from '../../shared/errors.ts';
import { verifyCheckpoint, verifyCosignature } from '../../shared/journal/checkpoint.ts';
import { systemClock } from '../../shared/time/clock.ts';
import type { AuctionClosed } from '../../shared/wire/announcements.ts';
import type { SaleEvidence } from '../../shared/wire/http-endpoints.ts';
import type { WitnessedCheckpoint } from '../../shared/wire/log.ts';
import type { CertificatePem, CompactJws, HouseId } from '../../shared/wire/vocabulary.ts';
import type { HandParticipant } from '../support/hand-participant.ts';
import { FORGIVING } from '../support/house-servers.ts';
import type { RawSocket } from '../support/raw-socket.ts';
import { refusalOf } from '../support/refusal.ts';
import { type ListedLot, RunningHouse } from '../support/running-house.ts';
import { until } from '../support/until.ts';

const TYPES: readonly JwsType[] = [
  'at+jwt',
  'proof+jwt',
  'revocation-proof+jwt',
  'timestamp-batch+jwt',
  'session-offer+jwt',
  'session-proof+jwt',
  'command+jwt',
  'disclosure-request+jwt',
  'disclosure+jwt',
  'checkpoint+jwt',
  'cosignature+jwt',
];

let house: RunningHouse;
let ann: HandParticipant;
let socket: RawSocket;
let lot: ListedLot;
let signers: Record<'token' | 'timestamp' | 'node', JwsSigner>;
let api: TrustedServiceApi;
let names = 0;

beforeAll(async () => {
  house = await RunningHouse.start({ rates: FORGIVING });
  const seller = await house.participant('sue');
  ann = await house.participant('ann');
  lot = await house.list(seller, await house.rawSocket(seller));
  socket = await house.rawSocket(ann);
  const keys = join(house.home, 'trusted-service', 'keys');
  signers = {
    token: signerIn(join(keys, 'token-signer.key')),
    timestamp: signerIn(join(keys, 'timestamp-signer.key')),
    node: signerIn(join(house.home, 'dms', 'node-key.pem')),
  };
  api = new TrustedServiceApi(house.connectService(), house.root, systemClock);
  await api.syncTime();
});
afterAll(async () => {
  await api.close();
  await house.close();
});

/** The very key that the house uses: whatever is refused, is so for the kind alone. */
function signerIn(path: string): JwsSigner {
  const privateKey = createPrivateKey(readFileSync(path));
  return createJwsSigner({ privateKey, publicKey: createPublicKey(privateKey) });
}

function claimsOf(jws: string, typ: JwsType): object {
  return parseJws(jws, typ, z.looseObject({})).claims;
}

const fresh = () => ({ aud: `sha256:${house.root.sha256}`, iat: Math.round(house.now()), jti: randomUUID() });

/** Presents a JWS with the right claims by the right key, of some kind, in one place. The code, or nothing if it is taken. */
type Place = (typ: JwsType) => Promise<string | undefined>;

const PLACES: Record<JwsType, Place> = {
  'at+jwt': async (typ) => {
    const auth = await ann.auth();
    const token = await signJws(signers.token, typ, claimsOf(auth.token, 'at+jwt'));
    return refusalOf(house.bareSocket({ ...auth, token }).then((opened) => opened.close()));
  },
  'proof+jwt': async (typ) => {
    const proof = await ann.sign(typ, fresh());
    return refusalOf(house.operator.issue({ certificate: ann.certificate, proof }));
  },
  'revocation-proof+jwt': async (typ) => {
    names += 1;
    const leaver = await house.participant(`leaver-${names}`);
    const serial = leaver.parsed.serialHex;
    const proof = await leaver.sign(typ, { ...fresh(), serial });
    const anybody = house.connectService();
    const code = await refusalOf(anybody.revoke({ serial, reason: 'superseded', proof }));
    await anybody.close();
    return code;
  },
  'timestamp-batch+jwt': async (typ) => {
    const statement = await house.statement(ann, house.bidClaims(lot, nextAmount()));
    const token = await ann.stamp(statement);
    const batch = await signJws(signers.timestamp, typ, claimsOf(token.batch, 'timestamp-batch+jwt'));
    return codeOf(await socket.ask('command', ann.seal(statement, { ...token, batch }, socket.sealingKey)));
  },
  'session-offer+jwt': async (typ) => {
    const opened = await house.bareSocket(await ann.auth());
    const { chain, offer: text } = await opened.hello();
    const offer = await signJws(signers.node, typ, claimsOf(text, 'session-offer+jwt'));
    const { clientNonce: nonce } = opened.offer!;
    const at = Math.round(house.now()) as never;
    const revocations = (issuer: Parameters<typeof api.revocations>[0]) => api.revocations(issuer);
    const context = { root: house.root, revocations, at, nonce, subject: ann.subject };
    opened.close();
    return refusalOf(verifyOffer({ outcome: 'accepted', chain, offer }, context));
  },
  'session-proof+jwt': async (typ) => {
    const opened = await house.bareSocket(await ann.auth());
    await opened.hello();
    const { session, serverNonce } = opened.offer!;
    const proof = await ann.sign(typ, { session, serverNonce, offer: digestOfText(opened.offerText!) });
    const code = codeOf(await opened.ask('prove', { proof }));
    opened.close();
    return code;
  },
  'command+jwt': async (typ) => {
    const claims = { v: 1, aud: house.house, id: randomUUID(), ...house.bidClaims(lot, nextAmount()) };
    const statement = await ann.sign(typ, claims);
    const sealed = ann.seal(statement, await ann.stamp(statement), socket.sealingKey);
    return codeOf(await socket.ask('command', sealed));
  },
  'disclosure-request+jwt': async (typ) => {
    const evidence = await someEvidence();
    const { aud, iat } = fresh();
    const claims = { iss: house.house, aud, iat, evidence: digestOf(canonicalJson(evidence)) };
    const request = await signJws(signers.node, typ, claims);
    const [certificate, issuer] = await nodeChain();
    const code = await refusalOf(house.operator.disclose({ request, certificate, chain: [issuer], evidence }));
    // The evidence is none; that it was looked at shows that the request was taken.
    return code === 'evidence-invalid' ? undefined : code;
  },
  'disclosure+jwt': async (typ) => {
    const about = { iss: `sha256:${house.root.sha256}`, lot: lot.lot, role: 'seller', username: 'sue' };
    const { subject, certificate } = ann;
    const text = await signJws(signers.token, typ, { ...about, subject, certificate });
    const envelope = encodeBase64url(await sealTo(ann.agreement.publicKey, utf8.encode(text)));
    return readByClient({ position: 1, lot: lot.lot, number: 1, role: 'winner', outcome: 'sold', envelope } as never);
  },
  'checkpoint+jwt': async (typ) => {
    const { checkpoint, chain } = await witnessed();
    const forged = await signJws(signers.node, typ, claimsOf(checkpoint, 'checkpoint+jwt'));
    return refusalOf(verifyCheckpoint({ checkpoint: forged, chain }, house.root));
  },
  'cosignature+jwt': async (typ) => {
    const { checkpoint, chain, witness } = await witnessed();
    const forged = await signJws(signers.token, typ, claimsOf(witness.cosignature, 'cosignature+jwt'));
    const about = await verifyCheckpoint({ checkpoint, chain }, house.root);
    return refusalOf(verifyCosignature({ ...witness, cosignature: forged }, about, house.root));
  },
};

let amount = 100;
const nextAmount = () => {
  amount += 10;
  return amount;
};

const codeOf = (answer: { outcome: string; code?: string }) =>
  answer.outcome === 'accepted' ? undefined : answer.code;

/** A checkpoint that both have signed, from the public log. */
async function witnessed(): Promise<WitnessedCheckpoint> {
  const log = new LogApi(house.dmsUrl, house.root);
  const found = await until('the witness', async () => (await log.checkpoint()).witnessed);
  await log.close();
  return found;
}

async function nodeChain(): Promise<[CertificatePem, CertificatePem]> {
  const opened = await house.bareSocket(await ann.auth());
  const { chain } = await opened.hello();
  opened.close();
  return chain;
}

async function someEvidence(): Promise<SaleEvidence> {
  const statement = 'a.b.c' as CompactJws;
  const timestamp = await house.operator.timestamp(digestOfText(statement));
  const signed = { statement, timestamp, certificate: ann.certificate };
  const closing = { nonce: 'a-nonce-that-is-long-enough', timestamp };
  const at = Math.round(house.now()) as SaleEvidence['closesAt'];
  return { house: house.house as HouseId, lot: lot.lot, closesAt: at, listing: signed, bid: signed, closing };
}

/** What a client makes of a notice: nothing if it tells its user, the code of its trouble otherwise. */
async function readByClient(notice: AuctionClosed): Promise<string | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
  names += 1;
  const desk = new NoticeDesk({
    api,
    access: { agreementKeys: [ann.agreement] },
    store: await KeyStore.open(join(house.home, `reader-${names}`)),
    link: { session: async () => ({ acknowledge: async () => undefined }) },
    signal: AbortSignal.timeout(5_000),
    onSale: () => resolve(undefined),
    onTrouble: (error: unknown) => (error instanceof ProtocolError ? resolve(error.code) : reject(error)),
  } as unknown as NoticeDeskParts);
  desk.take([notice]);
  return promise;
}

describe.each(TYPES)('where a %s belongs', (right) => {
  it('it is taken, and no other kind with the same claims by the same key', async () => {
    expect(await PLACES[right](right)).toBeUndefined();
    for (const wrong of TYPES) {
      if (wrong === right) continue;
      expect(await PLACES[right](wrong), `${wrong} as ${right}`).toMatch(
        /^(malformed|signature-invalid|token-invalid|proof-invalid|timestamp-invalid|peer-untrusted|session-proof-invalid)$/,
      );
    }
  });
});

describe('what was really signed for one purpose', () => {
  it('is refused for every other: the JWS of a whole session of one key', async () => {
    const opened = await house.bareSocket(await ann.auth());
    await opened.hello();
    const { session, serverNonce } = opened.offer!;
    const signed: Partial<Record<JwsType, CompactJws>> = {
      'proof+jwt': await ann.proof(),
      'revocation-proof+jwt': await ann.sign('revocation-proof+jwt', { ...fresh(), serial: ann.parsed.serialHex }),
      'session-proof+jwt': await ann.sign('session-proof+jwt', {
        session,
        serverNonce,
        offer: digestOfText(opened.offerText!),
      }),
      'command+jwt': await house.statement(ann, house.bidClaims(lot, nextAmount())),
    };
    const anybody = house.connectService();
    const serial = ann.parsed.serialHex;
    const places: [JwsType, string, (jws: CompactJws) => Promise<string | undefined>][] = [
      ['proof+jwt', 'proof-invalid', (proof) => refusalOf(anybody.issue({ certificate: ann.certificate, proof }))],
      [
        'revocation-proof+jwt',
        'proof-invalid',
        (proof) => refusalOf(anybody.revoke({ serial, reason: 'superseded', proof })),
      ],
      [
        'command+jwt',
        'malformed',
        async (jws) => codeOf(await socket.ask('command', ann.seal(jws, await ann.stamp(jws), socket.sealingKey))),
      ],
      [
        'session-proof+jwt',
        'session-proof-invalid',
        async (proof) => {
          const other = await house.bareSocket(await ann.auth());
          await other.hello();
          return codeOf(await other.ask('prove', { proof }));
        },
      ],
      ['at+jwt', 'token-invalid', async (token) => refusalOf(house.bareSocket({ ...(await ann.auth()), token }))],
    ];
    for (const [place, code, present] of places) {
      for (const [typ, jws] of Object.entries(signed)) {
        if (typ !== place) expect(await present(jws), `${typ} as ${place}`).toBe(code);
      }
    }
    await anybody.close();
    expect(house.failures).toEqual([]);
  });
});
