/** Valid messages of every kind, made once by the real makers and kept: a case is the same one wherever it is run again. */
import type { KeyObject } from 'node:crypto';
import { encodeBase64url, utf8 } from '../../shared/bytes.ts';
import { digestOfText } from '../../shared/crypto/digest.ts';
import { sealTo } from '../../shared/crypto/ecies.ts';
import { createJwsSigner, signJws } from '../../shared/crypto/jws.ts';
import { generateX25519 } from '../../shared/crypto/x25519.ts';
import { encodeRecord, type PrivateRecord, type PublicRecord } from '../../shared/journal/record.ts';
import { encodeInteger } from '../../shared/pki/encode-der.ts';
import { buildCertificationRequest } from '../../shared/pki/x509-builder.ts';
import type { Digest } from '../../shared/wire/vocabulary.ts';
import { forgeReply, oid, POLICY_OIDS, sha256, timeText } from '../support/forge-timestamp.ts';
import { createTestService, type TestService } from '../support/house.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { bidOn, type Participant, sampleTerms, statement } from '../support/participant.ts';
import { LOG_TIME, SignedLog } from '../support/signed-log.ts';
import { SigningHouse, termsAt } from '../support/signing-house.ts';
import { someImprints, stampBatch } from '../support/stamp.ts';
import { ALL_PROFILES, type Issued, TEST_HOUSE } from '../support/test-authority.ts';
import { CERT_REQ, query } from '../trusted-service/timestamp-authority/ask-timestamp.ts';

const NOW = LOG_TIME;
const LOT = '0b7c6f0e-55a0-4a1e-9d7a-2f2f6f5f1c11';
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
const jwk = (key: KeyObject) => key.export({ format: 'jwk' });

export async function makeCorpus(): Promise<object> {
  const service = await createTestService(new ManualClock(NOW));
  const { authority, signers } = service;
  const participant = await service.participant();
  const node = await authority.issue('dms-node');
  const others = await Promise.all(
    ALL_PROFILES.map(async (profile) => [profile, (await authority.issue(profile)).certificate.pem] as const),
  );
  const certificates = {
    ...Object.fromEntries(others),
    root: authority.root.certificate.pem,
    'issuing-ca': authority.issuer.certificate.pem,
    participant: participant.certificate.pem,
    'dms-node': node.certificate.pem,
    'token-signer': signers.token.certificate.pem,
    'timestamp-signer': signers.timestamp.certificate.pem,
  };
  const sealing = generateX25519();
  return {
    now: NOW,
    keys: keysOf({ root: authority.root, 'issuing-ca': authority.issuer, ...signers, participant, node }),
    sealing: { publicKey: base64(sealing.publicKey), privateKey: jwk(sealing.privateKey) },
    certificates,
    ...(await papersOf(service, participant)),
    ...(await commandsOf(service, participant, sealing.publicKey)),
    ...(await stampsOf(service)),
    ...(await logOf(service, node)),
  };
}

function keysOf(issued: Record<string, Issued>): object {
  return Object.fromEntries(Object.entries(issued).map(([name, { keys }]) => [name, jwk(keys.privateKey)]));
}

async function papersOf(service: TestService, participant: Participant): Promise<object> {
  const { certificate, keys, agreement, signer } = participant;
  service.revoke('0a1b2c3d');
  service.revoke('00ff'.replace(/^00/, ''));
  const [list, nothing] = [await service.revocationList(), await revocationsOfNobody()];
  const proof = { aud: service.name, iat: NOW, jti: LOT };
  const session = { session: LOT, serverNonce: encodeBase64url(sha256(utf8.encode('nonce'))) };
  const offer = { house: TEST_HOUSE, ...session, clientNonce: session.serverNonce, sealingKey: session.serverNonce };
  return {
    csrs: [await buildCertificationRequest(keys, agreement.publicKey), await buildCertificationRequest(keys)],
    lists: [list, nothing].map((answer) => (answer === 'unchanged' ? '' : base64(answer.der))),
    keySet: await service.keySet(),
    tokens: [await service.accessToken(certificate), await service.accessToken(certificate, { jti: LOT })],
    signed: {
      'proof+jwt': await signJws(signer, 'proof+jwt', proof),
      'revocation-proof+jwt': await signJws(signer, 'revocation-proof+jwt', {
        ...proof,
        serial: certificate.serialHex,
      }),
      'session-offer+jwt': await signJws(signer, 'session-offer+jwt', {
        ...offer,
        sub: participant.subject,
        exp: NOW + 9_000,
      }),
      'session-proof+jwt': await signJws(signer, 'session-proof+jwt', { ...session, offer: session.serverNonce }),
    },
  };
}

async function revocationsOfNobody() {
  return (await createTestService(new ManualClock(NOW))).revocationList();
}

async function commandsOf(service: TestService, participant: Participant, sealingKey: Uint8Array): Promise<object> {
  const soft = { window: 60_000, by: 60_000, until: NOW + 3_600_000 };
  const terms = sampleTerms(NOW, 60_000, { description: 'Four drawers.\nOne key.', extension: soft as never });
  const list = statement({ type: 'list', ...terms });
  const bid = statement(bidOn(LOT, terms, 12_000));
  const statements = [await participant.sign(list), await participant.sign(bid)];
  const envelopes = await Promise.all(
    statements.map(async (text) =>
      JSON.stringify({ statement: text, timestamp: await service.stamp(digestOfText(text)) }),
    ),
  );
  const sealed = await Promise.all(envelopes.map((text) => sealTo(sealingKey, utf8.encode(text))));
  return {
    statements,
    envelopes,
    sealed: sealed.map(encodeBase64url),
    records: await recordsOf(service, participant, statements),
  };
}

async function recordsOf(
  service: TestService,
  { certificate, subject }: Participant,
  statements: string[],
): Promise<object[]> {
  const stamped = async (text: string) => {
    const imprint = digestOfText(text);
    return { pseudonym: LOT, imprint, timestamp: await service.stamp(imprint) };
  };
  const signed = (text: string) => ({ kind: 'signed', statement: text, certificate: certificate.pem, subject });
  const common = { v: 1, lot: LOT };
  const [list = '', bid = ''] = statements;
  const { timestamp } = await stamped('n'.repeat(22));
  const parts: [object, object][] = [
    [{ ...common, kind: 'listed', terms: sampleTerms(NOW), ...(await stamped(list)) }, signed(list)],
    [
      { ...common, kind: 'bid', amount: 12_000, closesAt: NOW + 60_000, withheld: true, ...(await stamped(bid)) },
      signed(bid),
    ],
    [
      {
        ...common,
        kind: 'closed',
        outcome: 'sold',
        hammerPrice: 12_000,
        pseudonym: LOT,
        nonce: 'n'.repeat(22),
        timestamp,
      },
      { kind: 'none' },
    ],
    [
      { ...common, kind: 'disclosed' },
      { kind: 'envelopes', seller: 'for the seller', winner: 'for the winner' },
    ],
    [{ ...common, kind: 'acknowledged', role: 'winner' }, { kind: 'none' }],
  ];
  return parts.map(([told, held], index) => {
    const salt = new Uint8Array(32).fill(index);
    const record = encodeRecord(told as PublicRecord, held as PrivateRecord, salt);
    return Object.fromEntries(Object.entries(record).map(([name, bytes]) => [name, base64(bytes)]));
  });
}

async function stampsOf({ signers, name, authority }: TestService): Promise<object> {
  const imprints: Digest[] = someImprints(5);
  const claims = { iss: name, time: NOW };
  const signer = createJwsSigner(signers.timestamp.keys);
  const batches = [await stampBatch(signer, imprints, claims), await stampBatch(signer, imprints.slice(0, 1), claims)];
  const digest = sha256(utf8.encode('a document'));
  const [policy, nonce] = [oid(POLICY_OIDS.real), encodeInteger(77)];
  const good = { authority, signer: signers.timestamp, digest, nonce, time: timeText(genTime(NOW)) };
  return {
    stamps: batches.flat().map((token, index) => ({ token, imprint: imprints[index % imprints.length] })),
    queries: [query(digest), query(digest, policy, nonce, CERT_REQ), query(digest, nonce)].map(base64),
    reply: { imprint: encodeBase64url(digest), nonce: base64(nonce), der: base64(forgeReply(good)) },
  };
}

function genTime(at: number): string {
  return new Date(at).toISOString().replaceAll(/[-:T]/g, '').replace('.000', '');
}

async function logOf({ authority, signers }: TestService, node: Issued): Promise<object> {
  const log = await SignedLog.create(authority, node);
  const commands = [await log.bid(100), await log.bid(200), await log.bid(300)];
  const checkpoint = await log.checkpoint();
  const receipts = await Promise.all(
    commands.map(async (command) => ({
      receipt: await log.receipt(command),
      recording: { statement: command.statement, claims: command.claims, position: command.position },
    })),
  );
  const house = await SigningHouse.create(await SignedLog.create(authority, node), {
    signer: signers.timestamp,
    witness: signers.token,
  });
  await house.record([
    { kind: 'listed', lot: 'desk', terms: termsAt() },
    { kind: 'bid', lot: 'desk', at: 10, serial: 2, amount: 100, closesAt: 60_000 },
    { kind: 'closed', lot: 'desk', at: 60_000, serial: 3, outcome: 'sold', hammerPrice: 100, winner: 2 },
  ]);
  const { head } = await house.copy();
  const { signers: chains, ...ends } = head;
  const lines = [
    { gavel: 'bundle', v: 1, root: authority.root.certificate.pem, ...ends },
    ...chains.map((signer) => ({ signer })),
    { leaves: house.leaves },
    ...house.entries,
    { end: {} },
  ];
  const witness = await log.cosignature(signers.token);
  return { checkpoint, witness, receipts, bundle: lines.map((line) => JSON.stringify(line)) };
}
