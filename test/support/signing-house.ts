/** A house that signs everything properly, true or not: journals made of plain steps, with every key in the test's hands. */
import { randomUUID } from 'node:crypto';
import type { CopyPart, JournalCopy } from '../../client/audit/journal-copy.ts';
import type { SignerChain } from '../../client/audit/signer-archive.ts';
import { encodeBase64url, utf8 } from '../../shared/bytes.ts';
import { digestOfText } from '../../shared/crypto/digest.ts';
import { createJwsSigner } from '../../shared/crypto/jws.ts';
import { encodePath } from '../../shared/journal/receipt.ts';
import { encodeRecord, leafHashOf, type PublicRecord } from '../../shared/journal/record.ts';
import type { GrowingTree } from '../../shared/merkle/growing-tree.ts';
import type { Certificate } from '../../shared/pki/verify-certificate.ts';
import type { LogEntry } from '../../shared/wire/log.ts';
import type { TimestampBatchClaims } from '../../shared/wire/timestamp-token.ts';
import type { Instant } from '../../shared/wire/vocabulary.ts';
import { LOG_TIME, SignedLog } from './signed-log.ts';
import { stampBatch } from './stamp.ts';
import type { Issued } from './test-authority.ts';

/** One record in plain words; times count from the beginning of the journal. */
export interface Step {
  readonly kind: PublicRecord['kind'];
  readonly lot: string;
  /** The lot's own id, where it matters. */
  readonly id?: string;
  readonly at?: number;
  readonly serial?: number;
  readonly terms?: object;
  readonly amount?: number;
  readonly closesAt?: number;
  readonly withheld?: boolean;
  readonly outcome?: 'sold' | 'unsold';
  readonly hammerPrice?: number;
  /** Of the winning bid: by the position of its record. */
  readonly winner?: number;
  readonly role?: 'seller' | 'winner';
  /** Repeats the statement, or the pseudonym, of the record at this position. */
  readonly sameStatement?: number;
  readonly samePseudonym?: number;
  readonly stamp?: Partial<TimestampBatchClaims>;
  readonly signer?: Issued;
  readonly stampOf?: string;
  /** Of a statement that there is. */
  readonly imprint?: string;
  /** What is written in place of the record. */
  readonly raw?: (text: string) => string;
}

export class SigningHouse {
  readonly log: SignedLog;
  readonly signer: Issued;
  readonly witness: Issued;
  readonly entries: LogEntry[] = [];
  readonly #lots = new Map<string, string>();
  readonly #imprints: string[] = [];
  readonly #pseudonyms: string[] = [];

  private constructor(log: SignedLog, signer: Issued, witness: Issued) {
    this.log = log;
    this.signer = signer;
    this.witness = witness;
  }

  static async create(log?: SignedLog, signers?: { signer: Issued; witness: Issued }): Promise<SigningHouse> {
    const made = log ?? (await SignedLog.create());
    const { signer, witness } = signers ?? {
      signer: await made.authority.issue('timestamp-signer'),
      witness: await made.authority.issue('token-signer'),
    };
    return new SigningHouse(made, signer, witness);
  }

  /** The same keys, another journal. */
  async anew(): Promise<SigningHouse> {
    const { authority, node } = this.log;
    return SigningHouse.create(await SignedLog.create(authority, node), this);
  }

  get root(): Certificate {
    return this.log.authority.root.certificate;
  }

  get tree(): GrowingTree {
    return this.log.tree;
  }

  lot(name: string): string {
    const id = this.#lots.get(name) ?? randomUUID();
    this.#lots.set(name, id);
    return id;
  }

  async record(steps: readonly Step[]): Promise<this> {
    for (const step of steps) await this.#record(step);
    return this;
  }

  chainOf(signer: Issued): SignerChain {
    const x5c = [signer.certificate, this.log.authority.issuer.certificate].map(({ der }) =>
      Buffer.from(der).toString('base64'),
    );
    return { kid: signer.certificate.subject, x5c };
  }

  /** As the journal is; `changes` replaces what is shown. `time` is that of the checkpoint. */
  async copy(
    changes: Partial<{
      entries: readonly (LogEntry | undefined)[];
      leaves: readonly string[];
      shown: number;
      time: number;
      witnessed: boolean;
      head: Partial<JournalCopy['head']>;
      asks: boolean;
      proof: readonly string[];
    }> = {},
  ): Promise<JournalCopy> {
    const { time = 500_000, shown = this.tree.size, witnessed = true } = changes;
    const signed = await this.log.checkpoint({ time: (LOG_TIME + time) as Instant });
    const witness = { ...signed, witness: await this.log.cosignature(this.witness) };
    const end =
      shown > 0 && shown < this.tree.size ? encodePath(this.tree.consistency(shown, this.tree.size)) : undefined;
    const parts: CopyPart[] = [
      { kind: 'entries', entries: changes.entries ?? this.entries.slice(0, shown) },
      { kind: 'end', end: { ...(end && { checkpoint: end, witnessed: end }) } },
    ];
    if (changes.leaves !== undefined) parts.unshift({ kind: 'leaves', leaves: changes.leaves });
    return {
      head: {
        checkpoint: signed,
        signers: [this.chainOf(this.witness), this.chainOf(this.signer)],
        ...(witnessed && { witnessed: witness }),
        ...changes.head,
      },
      parts: async function* () {
        yield* parts;
      },
      ...(changes.asks && {
        prove: async (size: number) => encodePath(this.tree.consistency(size, this.tree.size)),
      }),
    };
  }

  /** The hashes of the leaves, as a bundle lists them. */
  get leaves(): string[] {
    return this.entries.map(({ record, commitment }) =>
      encodeBase64url(
        leafHashOf({
          publicPart: utf8.encode(record),
          commitment: new Uint8Array(Buffer.from(commitment, 'base64url')),
        }),
      ),
    );
  }

  async #record(step: Step): Promise<void> {
    const publicRecord = await this.#publicRecord(step);
    const salt = crypto.getRandomValues(new Uint8Array(32));
    const { publicPart, commitment } = encodeRecord(publicRecord, { kind: 'none' }, salt);
    const text = utf8.decode(publicPart);
    const record = step.raw?.(text) ?? text;
    this.entries.push({ record, commitment: encodeBase64url(commitment) });
    this.tree.append(leafHashOf({ publicPart: utf8.encode(record), commitment }));
  }

  async #publicRecord(step: Step): Promise<PublicRecord> {
    const { kind, at = 0, terms, amount, closesAt = 0, withheld = false, outcome, hammerPrice, winner, role } = step;
    const common = { v: 1, kind, lot: step.id ?? this.lot(step.lot) };
    const nonce = 'n'.repeat(22);
    const imprint = this.#imprints[(step.sameStatement ?? 0) - 1] ?? step.imprint ?? digestOfText(randomUUID());
    const pseudonym = this.#pseudonyms[(step.samePseudonym ?? 0) - 1] ?? randomUUID();
    this.#imprints.push(imprint);
    this.#pseudonyms.push(pseudonym);
    const timestamp = await this.#token(step, step.stampOf ?? (kind === 'closed' ? digestOfText(nonce) : imprint), at);
    const stamped = { pseudonym, imprint, timestamp };
    const won = winner === undefined ? {} : { pseudonym: this.#pseudonyms[winner - 1] };
    const price = hammerPrice === undefined ? {} : { hammerPrice };
    const members = {
      listed: { terms, ...stamped },
      bid: { amount, closesAt: LOG_TIME + closesAt, withheld, ...stamped },
      closed: { outcome, ...price, ...won, nonce, timestamp },
      disclosed: {},
      acknowledged: { role },
    };
    return { ...common, ...members[kind] } as unknown as PublicRecord;
  }

  async #token({ serial = 1, stamp, signer = this.signer }: Step, imprint: string, at: number) {
    const [token] = await stampBatch(createJwsSigner(signer.keys), [imprint as never], {
      iss: `sha256:${this.root.sha256}`,
      time: (LOG_TIME + at) as Instant,
      serial: serial as never,
      ...stamp,
    });
    return token;
  }
}

/** Terms in times that count from the beginning of the journal. */
export function termsAt(
  changes: { closesAt?: number; extension?: { window: number; by: number; until: number } } = {},
) {
  const { closesAt = 60_000, extension } = changes;
  const soft = extension && { extension: { ...extension, until: LOG_TIME + extension.until } };
  return {
    title: 'Oak desk',
    currency: 'EUR',
    startingPrice: 100,
    increment: 10,
    closesAt: LOG_TIME + closesAt,
    ...soft,
  };
}
