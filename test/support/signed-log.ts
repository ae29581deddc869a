/** A journal of a few commands as a DMS node signs it, with every key in the test's hands. */
import { randomUUID } from 'node:crypto';
import { encodeBase64url, utf8 } from '../../shared/bytes.ts';
import { digestOfText } from '../../shared/crypto/digest.ts';
import { generateP256 } from '../../shared/crypto/ecdsa.ts';
import { createJwsSigner, signJws } from '../../shared/crypto/jws.ts';
import { signCheckpoint } from '../../shared/journal/checkpoint.ts';
import { encodePath } from '../../shared/journal/receipt.ts';
import { encodeRecord, type JournalRecord, leafHashOf } from '../../shared/journal/record.ts';
import { GrowingTree } from '../../shared/merkle/growing-tree.ts';
import { authorityName } from '../../shared/pki/trust-anchors.ts';
import type { CommandStatement } from '../../shared/wire/commands.ts';
import type { Cosignature, CosignatureClaims, Receipt, SignedCheckpoint } from '../../shared/wire/log.ts';
import type {
  Amount,
  CertificatePem,
  CompactJws,
  HouseId,
  Instant,
  LotId,
  Position,
} from '../../shared/wire/vocabulary.ts';
import { someImprints, stampBatch } from './stamp.ts';
import { createTestAuthority, type Issued, TEST_HOUSE, type TestAuthority } from './test-authority.ts';

export const LOG_TIME = 1_795_000_000_000 as Instant;

export interface LoggedCommand {
  readonly statement: CompactJws;
  readonly claims: CommandStatement;
  readonly record: JournalRecord;
  readonly position: Position;
}

export class SignedLog {
  readonly tree = new GrowingTree();
  readonly commands: LoggedCommand[] = [];
  readonly authority: TestAuthority;
  readonly node: Issued;
  readonly #participant = createJwsSigner(generateP256());

  private constructor(authority: TestAuthority, node: Issued) {
    this.authority = authority;
    this.node = node;
  }

  static async create(authority?: TestAuthority, node?: Issued): Promise<SignedLog> {
    const trusted = authority ?? (await createTestAuthority(LOG_TIME));
    return new SignedLog(trusted, node ?? (await trusted.issue('dms-node')));
  }

  get chain(): CertificatePem[] {
    return this.chainOf(this.node);
  }

  chainOf({ certificate }: Issued): CertificatePem[] {
    return [certificate.pem, this.authority.issuer.certificate.pem] as CertificatePem[];
  }

  /** Records a bid that its bidder signed. */
  async bid(amount: number): Promise<LoggedCommand> {
    const [token] = await stampBatch(this.#participant, someImprints(1));
    const lot = randomUUID() as string as LotId;
    const terms = digestOfText('terms');
    const bid = { v: 1, aud: TEST_HOUSE, id: randomUUID(), type: 'bid', lot, terms, amount: amount as Amount } as const;
    const claims = bid as unknown as CommandStatement;
    const statement = await signJws(this.#participant, 'command+jwt', claims);
    const common = { v: 1, kind: 'bid', lot, amount: bid.amount, pseudonym: randomUUID() as never } as const;
    const record = encodeRecord(
      { ...common, imprint: digestOfText(statement), timestamp: token!, closesAt: LOG_TIME, withheld: false },
      { kind: 'none' },
      crypto.getRandomValues(new Uint8Array(32)),
    );
    this.tree.append(leafHashOf(record));
    const command = { statement, claims, record, position: this.tree.size as Position };
    this.commands.push(command);
    return command;
  }

  async checkpoint({
    size = this.tree.size,
    house = TEST_HOUSE as HouseId,
    time = LOG_TIME,
  } = {}): Promise<SignedCheckpoint> {
    const head = { size, root: this.tree.root(size) };
    return { checkpoint: await signCheckpoint(createJwsSigner(this.node.keys), house, head, time), chain: this.chain };
  }

  async receipt({ record, position }: LoggedCommand, changes: Partial<Receipt> = {}): Promise<Receipt> {
    const { checkpoint } = await this.checkpoint();
    const path = encodePath(this.tree.inclusion(position - 1, this.tree.size));
    const entry = { record: utf8.decode(record.publicPart), commitment: encodeBase64url(record.commitment) };
    return { ...entry, checkpoint, path, ...changes };
  }

  /** The witness's word, by whatever key; `changes` replaces claims. */
  async cosignature(witness: Issued, changes: Partial<CosignatureClaims> = {}): Promise<Cosignature> {
    const claims = {
      ...{ iss: authorityName(this.authority.root.certificate), house: TEST_HOUSE, size: this.tree.size },
      ...{ root: encodeBase64url(this.tree.root()), time: LOG_TIME },
    };
    const cosignature = await signJws(createJwsSigner(witness.keys), 'cosignature+jwt', { ...claims, ...changes });
    return { cosignature, chain: this.chainOf(witness) };
  }
}
