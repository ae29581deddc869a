/** The worked bid of docs/PROTOCOL.md: every value in it is read from the document and computed again. */
import { createPrivateKey } from 'node:crypto';
import { x25519 } from '@noble/curves/ed25519.js';
import { describe, expect, it } from 'vitest';
import { createIdentitySigner } from '../../client/sealing/p256-signer.ts';
import { signStatement } from '../../client/sealing/seal-command.ts';
import { concatBytes, decodeBase64url, encodeBase64url, utf8 } from '../../shared/bytes.ts';
import { canonicalJson } from '../../shared/canonical-json.ts';
import { sealAesGcm } from '../../shared/crypto/aes-gcm.ts';
import { digestOf, digestOfTerms, digestOfText } from '../../shared/crypto/digest.ts';
import { openSealed, type SealingKeyPair } from '../../shared/crypto/ecies.ts';
import { openWithKeys } from '../../shared/crypto/ecies-box.ts';
import { hkdfSha256 } from '../../shared/crypto/hkdf.ts';
import { signJws, verifyJws } from '../../shared/crypto/jws.ts';
import { agreeX25519 } from '../../shared/crypto/x25519.ts';
import { MerkleTree } from '../../shared/merkle/tree.ts';
import { imprintLeaf } from '../../shared/timestamp/timestamp-token.ts';
import { TimestampVerifier } from '../../shared/timestamp/verify-timestamp.ts';
import { CommandEnvelope, CommandStatement, LotTerms } from '../../shared/wire/commands.ts';
import { SealedCommand } from '../../shared/wire/socket-events.ts';
import { TimestampBatchClaims, TimestampToken } from '../../shared/wire/timestamp-token.ts';
import { Digest } from '../../shared/wire/vocabulary.ts';
import { readDocument } from './read-document.ts';

const { block, blockNames } = readDocument('PROTOCOL.md');
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const fromHex = (name: string) => new Uint8Array(Buffer.from(block(name), 'hex'));
const json = (name: string): unknown => JSON.parse(block(name));

const participant = createIdentitySigner(fromHex('participant-private-key'));
const timestampSigner = createIdentitySigner(fromHex('timestamp-signer-private-key'));
const imprints = ((one: string, three: string) => [one, block('imprint'), three].map((text) => Digest.parse(text)))(
  ...(block('other-imprints').split('\n') as [string, string]),
);

function sealingKey(name: string): SealingKeyPair {
  const raw = fromHex(name);
  const publicKey = x25519.getPublicKey(raw);
  const key = { kty: 'OKP', crv: 'X25519', d: encodeBase64url(raw), x: encodeBase64url(publicKey) };
  return { publicKey, privateKey: createPrivateKey({ format: 'jwk', key }) };
}

describe('the worked bid', () => {
  it('has keys whose public halves are the printed ones', () => {
    expect(participant.kid).toBe(block('subject'));
    expect(digestOfText(block('participant-jwk'))).toBe(block('subject'));
    expect(timestampSigner.kid).toBe(block('timestamp-signer-kid'));
    expect(encodeBase64url(sealingKey('session-private-key').publicKey)).toBe(block('session-sealing-key'));
    expect(hex(sealingKey('ephemeral-private-key').publicKey)).toBe(block('ephemeral-public-key'));
  });

  it('names the terms by the digest of their RFC 8785 form', () => {
    const terms = LotTerms.parse(json('lot-terms'));
    expect(new TextDecoder().decode(canonicalJson(terms))).toBe(block('lot-terms'));
    expect(digestOf(utf8.encode(block('lot-terms')))).toBe(block('terms-digest'));
    expect(digestOfTerms(terms)).toBe(block('terms-digest'));
  });

  it('signs the statement to the printed bytes', async () => {
    const claims = CommandStatement.parse(json('statement-claims'));
    expect(claims).toMatchObject({ type: 'bid', terms: block('terms-digest') });
    const [header = '', payload = ''] = block('statement').split('.');
    expect(new TextDecoder().decode(decodeBase64url(header))).toBe(block('statement-header'));
    expect(new TextDecoder().decode(decodeBase64url(payload))).toBe(block('statement-claims'));
    // Parsing keeps the order of the schema, which is the order of the document.
    const signed = await signStatement(participant, json('statement-claims') as CommandStatement);
    expect(signed).toEqual({ statement: block('statement'), imprint: block('imprint') });
    const expected = { typ: 'command+jwt', key: participant.keys.publicKey, schema: CommandStatement } as const;
    await expect(verifyJws(block('statement'), expected)).resolves.toEqual(claims);
  });

  it('stamps the imprint in the printed batch', async () => {
    const tree = new MerkleTree(imprints.map(imprintLeaf));
    expect(hex(imprintLeaf(imprints[1]!))).toBe(block('leaf-hash'));
    expect(encodeBase64url(tree.root())).toBe(block('merkle-root'));
    const claims = TimestampBatchClaims.parse(json('batch-claims'));
    expect(claims).toMatchObject({ size: tree.size, root: block('merkle-root') });
    expect(claims.iss).toBe(`sha256:${hex(decodeBase64url(digestOfText('test root'))!)}`);
    const [header = '', payload = ''] = block('batch').split('.');
    expect(new TextDecoder().decode(decodeBase64url(header))).toBe(block('batch-header'));
    expect(new TextDecoder().decode(decodeBase64url(payload))).toBe(block('batch-claims'));
    const signed = await signJws(timestampSigner, 'timestamp-batch+jwt', json('batch-claims') as object);
    expect(signed).toBe(block('batch'));
    const token = { batch: block('batch'), index: 1, path: tree.path(1).map(encodeBase64url) };
    expect(JSON.stringify(token)).toBe(block('timestamp-token'));
  });

  it('has a token that verifies for this statement and no other', async () => {
    const token = TimestampToken.parse(json('timestamp-token'));
    const { iss } = TimestampBatchClaims.parse(json('batch-claims'));
    const keys = new Map([[timestampSigner.kid as string, timestampSigner.keys.publicKey]]);
    const verifier = new TimestampVerifier(() => keys, iss, 'real');
    await expect(verifier.verify(token, imprints[1]!)).resolves.toMatchObject({
      at: Date.parse('2027-01-01T09:50:00Z'),
      serial: 1001,
    });
    await expect(verifier.verify(token, imprints[0]!)).rejects.toMatchObject({ code: 'timestamp-not-for-statement' });
  });

  it('seals the envelope to the printed bytes', async () => {
    const envelope = { statement: block('statement'), timestamp: json('timestamp-token') };
    expect(JSON.stringify(envelope)).toBe(block('envelope'));
    const ephemeral = sealingKey('ephemeral-private-key');
    const secret = await agreeX25519(ephemeral.privateKey, decodeBase64url(block('session-sealing-key'))!);
    expect(hex(secret)).toBe(block('shared-secret'));
    const key = hkdfSha256(concatBytes(ephemeral.publicKey, secret), 32);
    expect(hex(key)).toBe(block('content-key'));
    const nonce = fromHex('sealing-nonce');
    const { tag, ciphertext } = sealAesGcm(key, nonce, utf8.encode(block('envelope')));
    expect(hex(tag)).toBe(block('tag'));
    expect(encodeBase64url(concatBytes(ephemeral.publicKey, nonce, tag, ciphertext))).toBe(block('sealed'));
  });

  it('opens as the servers open, and as a client does', async () => {
    const sealed = decodeBase64url(SealedCommand.parse(block('sealed')))!;
    const session = sealingKey('session-private-key');
    const opened = await openSealed(session, sealed);
    expect(new TextDecoder().decode(opened)).toBe(block('envelope'));
    CommandEnvelope.parse(JSON.parse(new TextDecoder().decode(opened)));
    const asClient = { privateKey: fromHex('session-private-key'), publicKey: session.publicKey };
    expect(openWithKeys([asClient], sealed)).toEqual(opened);
  });

  it('prints no value that nothing here computes', () => {
    const source = new Set(blockNames);
    expect(source.size).toBe(blockNames.length);
    expect([...source].sort()).toEqual(COMPUTED.toSorted());
  });
});

const COMPUTED = [
  ...['participant-private-key', 'participant-jwk', 'subject', 'timestamp-signer-private-key', 'timestamp-signer-kid'],
  ...['session-private-key', 'session-sealing-key', 'lot-terms', 'terms-digest', 'statement-header'],
  ...['statement-claims', 'statement', 'imprint', 'other-imprints', 'leaf-hash', 'merkle-root', 'batch-header'],
  ...['batch-claims', 'batch', 'timestamp-token', 'envelope', 'ephemeral-private-key', 'ephemeral-public-key'],
  ...['sealing-nonce', 'shared-secret', 'content-key', 'tag', 'sealed'],
];
