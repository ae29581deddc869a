/** A participant who is in a house, and whose commands are signed, stamped and sealed before the clock runs. */
import { randomUUID } from 'node:crypto';
import { DmsSession } from '../../client/connection/dms-session.ts';
import type { OpenedAccess } from '../../client/open-access.ts';
import { type SignedStatement, signStatement } from '../../client/sealing/seal-command.ts';
import { encodeBase64url, utf8 } from '../../shared/bytes.ts';
import { sealTo } from '../../shared/crypto/ecies.ts';
import { type CommandAnswer, CommandStatement } from '../../shared/wire/commands.ts';
import type { SealedCommand } from '../../shared/wire/socket-events.ts';
import type { Position } from '../../shared/wire/vocabulary.ts';
import type { Heard } from './heard.ts';

export class Guest {
  /** The node that the session is with. */
  readonly node: number;
  readonly #opened: OpenedAccess;
  readonly #session: DmsSession;

  private constructor(node: number, opened: OpenedAccess, session: DmsSession) {
    this.node = node;
    this.#opened = opened;
    this.#session = session;
  }

  /** `heard` takes notes of what is announced. `since` is for who wants no catalogue: it was told everything up to there. */
  static async enter(
    opened: OpenedAccess,
    node: number,
    url: string,
    heard: Pick<Heard, 'note'> | undefined,
    since?: Position,
  ): Promise<Guest> {
    const { api, access } = opened;
    await api.syncTime();
    const context = { root: api.root, revocations: api.revocations.bind(api), at: api.clock.now() };
    const auth = await access.fresh();
    const ignored = () => undefined;
    const session = await DmsSession.open(
      { url, auth, signer: access.signer, context, ...(since !== undefined && { since }) },
      { announcements: (list) => heard?.note(list), checkpoints: ignored, notices: ignored },
    );
    return new Guest(node, opened, session);
  }

  /** A command with a new id. */
  sign(claims: object): Promise<SignedStatement> {
    const statement = CommandStatement.parse({ v: 1, aud: this.#session.house, id: randomUUID(), ...claims });
    return signStatement(this.#opened.access.signer, statement);
  }

  /** From here on it has to be sent soon. */
  stampAndSeal(signed: SignedStatement): Promise<SealedCommand> {
    return stampAndSeal(this.#opened, this.#session.sealingKey, signed);
  }

  send(sealed: SealedCommand): Promise<CommandAnswer> {
    return this.#session.command(sealed);
  }

  leave(): void {
    this.#session.close();
  }
}

/** With the platform's cryptography: faster than the client's, and the same bytes. */
export async function stampAndSeal(
  { api }: Pick<OpenedAccess, 'api'>,
  sealingKey: Uint8Array,
  { statement, imprint }: SignedStatement,
): Promise<SealedCommand> {
  const timestamp = await api.http.timestamp(imprint);
  const envelope = utf8.encode(JSON.stringify({ statement, timestamp }));
  return encodeBase64url(await sealTo(sealingKey, envelope)) as SealedCommand;
}
