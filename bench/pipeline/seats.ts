/** Sessions that nobody has, each with commands that are sealed to it: as long as those of bidders, and as much work to open and verify. */
import { randomUUID } from 'node:crypto';
import { type SignedStatement, signStatement } from '../../client/sealing/seal-command.ts';
import type { SealedSession, SessionKeys } from '../../dms/intake/open-statement.ts';
import { encodeBase64url, utf8 } from '../../shared/bytes.ts';
import { sha256 } from '../../shared/crypto/digest.ts';
import { generateP256, type P256KeyPair } from '../../shared/crypto/ecdsa.ts';
import { generateSealingKey, sealTo } from '../../shared/crypto/ecies.ts';
import { createJwsSigner, type JwsSigner, signJws } from '../../shared/crypto/jws.ts';
import { MerkleTree } from '../../shared/merkle/tree.ts';
import { imprintLeaf } from '../../shared/timestamp/timestamp-token.ts';
import { type CommandEnvelope, CommandStatement } from '../../shared/wire/commands.ts';
import type { SealedCommand } from '../../shared/wire/socket-events.ts';
import { TimestampBatchClaims, type TimestampToken } from '../../shared/wire/timestamp-token.ts';
import type { Subject } from '../../shared/wire/vocabulary.ts';

/** Commands of one seat, opened one after another and then from the beginning. */
const COMMANDS = 8;
/** Stamps in a batch. With 20, the path of a token has 3 to 5 hashes; those of the bench's bidders have 4.2 on average. */
const BATCH = 20;

export class Seat implements SealedSession {
  readonly keys: SessionKeys;
  readonly #signer: JwsSigner;
  readonly #commands: SealedCommand[] = [];

  constructor(signing: P256KeyPair = generateP256()) {
    this.#signer = createJwsSigner(signing);
    const subject = this.#signer.kid as Subject;
    this.keys = { sealing: generateSealingKey(), subject, publicKey: signing.publicKey };
  }

  /** A bid on some lot. */
  sign(): Promise<SignedStatement> {
    const [aud, id, lot] = [randomUUID(), randomUUID(), randomUUID()];
    const terms = encodeBase64url(sha256(utf8.encode(lot)));
    return signStatement(
      this.#signer,
      CommandStatement.parse({ v: 1, aud, id, type: 'bid', lot, terms, amount: 1_000 }),
    );
  }

  async seal({ statement }: SignedStatement, timestamp: TimestampToken): Promise<void> {
    const envelope: CommandEnvelope = { statement, timestamp };
    const sealed = await sealTo(this.keys.sealing.publicKey, utf8.encode(JSON.stringify(envelope)));
    this.#commands.push(encodeBase64url(sealed) as SealedCommand);
  }

  /** The one whose turn it is. */
  command(turn: number): SealedCommand {
    return this.#commands[turn % COMMANDS] as SealedCommand;
  }
}

/** So many, whose commands are stamped by an authority that nobody knows. */
export async function makeSeats(count: number): Promise<Seat[]> {
  const authority = createJwsSigner(generateP256());
  const seats = Array.from({ length: count }, () => new Seat());
  for (let turn = 0; turn < COMMANDS; turn += 1) {
    for (let from = 0; from < count; from += BATCH) await makeBatch(seats.slice(from, from + BATCH), authority);
  }
  return seats;
}

/** One command of each seat. */
async function makeBatch(seats: readonly Seat[], authority: JwsSigner): Promise<void> {
  const signed = await Promise.all(seats.map((seat) => seat.sign()));
  const tree = new MerkleTree(signed.map(({ imprint }) => imprintLeaf(imprint)));
  const claims = TimestampBatchClaims.parse({
    iss: `sha256:${'ab'.repeat(32)}`,
    clock: 'real',
    epoch: 1,
    time: Date.now(),
    serial: 100_000,
    size: seats.length,
    root: encodeBase64url(tree.root()),
  });
  const batch = await signJws(authority, 'timestamp-batch+jwt', claims);
  for (const [index, seat] of seats.entries()) {
    const path = tree.path(index).map(encodeBase64url);
    await seat.seal(signed[index] as SignedStatement, { batch, index, path });
  }
}
