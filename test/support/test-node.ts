/** A DMS node on a test service, over plain HTTP on this machine, whose clock and timers are the test's. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { DEFAULT_RATES, type Rates } from '../../dms/admission/rate-limits.ts';
import { AuctionHouse } from '../../dms/auction-house.ts';
import { parseConfig } from '../../dms/config.ts';
import type { Foundation } from '../../dms/foundation.ts';
import { statementsHere } from '../../dms/intake/open-statement.ts';
import { MemoryJournal } from '../../dms/journal/memory-journal.ts';
import { createLog } from '../../dms/log.ts';
import { createNode, type DmsNode } from '../../dms/node.ts';
import { decodeBase64url } from '../../shared/bytes.ts';
import { digestOfText } from '../../shared/crypto/digest.ts';
import { createJwsSigner } from '../../shared/crypto/jws.ts';
import type { CommandEnvelope, LotTerms } from '../../shared/wire/commands.ts';
import type { LotId } from '../../shared/wire/vocabulary.ts';
import { createTestAdmission, type TestAdmission } from './admission.ts';
import { createTestService, type TestService } from './house.ts';
import { bidOn, type Participant, sampleTerms, sealEnvelope, statement } from './participant.ts';
import { type Answer, RawSocket } from './raw-socket.ts';
import { TEST_HOUSE } from './test-authority.ts';

export interface TestNodeOptions {
  readonly rates?: Partial<Rates>;
  readonly service?: TestService;
  readonly journal?: MemoryJournal;
  readonly maxWaitingBytes?: number;
}

export class TestNode {
  readonly service: TestService;
  readonly admission: TestAdmission;
  readonly house: AuctionHouse;
  readonly node: DmsNode;
  readonly url: string;
  readonly log: string[];
  readonly failures: unknown[];
  readonly #sockets: RawSocket[] = [];

  private constructor(parts: Pick<TestNode, 'service' | 'admission' | 'house' | 'node' | 'url' | 'log' | 'failures'>) {
    this.service = parts.service;
    this.admission = parts.admission;
    this.house = parts.house;
    this.node = parts.node;
    this.url = parts.url;
    this.log = parts.log;
    this.failures = parts.failures;
  }

  static async start({ rates, service, journal, maxWaitingBytes }: TestNodeOptions = {}): Promise<TestNode> {
    const trusted = service ?? (await createTestService());
    const admission = await createTestAdmission(trusted);
    const [log, failures]: [string[], unknown[]] = [[], []];
    const late: { node?: DmsNode } = {};
    const house = await AuctionHouse.open({
      journal: journal ?? new MemoryJournal(TEST_HOUSE),
      newSalt: () => randomBytes(32),
      publish: (letters, position) => {
        late.node?.monitor.hear(letters);
        late.node?.announcer.publish(letters, position);
      },
    });
    const identity = await trusted.authority.issue('dms-node');
    const chain = [identity.certificate.pem, trusted.authority.issuer.certificate.pem];
    const foundation = {
      ...{ house, service: trusted, node: { signer: createJwsSigner(identity.keys), chain } },
      ...{ keyring: admission.keyring, time: admission.time, revocations: admission.revocations },
    } as unknown as Foundation;
    const settings = { trustedServiceUrl: 'http://localhost', root: '/none', tls: 'off', hosts: '127.0.0.1' };
    const around = {
      clock: trusted.clock,
      log: createLog({ write: (line) => void log.push(line) }),
      onFailure: (error: unknown) => void failures.push(error),
      rates: { ...DEFAULT_RATES, ...rates },
      statements: statementsHere,
      maxWaitingBytes,
    };
    const node = createNode(parseConfig(settings, {}, '/none'), foundation, around);
    late.node = node;
    node.server.listen(0, '127.0.0.1');
    await once(node.server, 'listening');
    const url = `http://127.0.0.1:${(node.server.address() as AddressInfo).port}`;
    return new TestNode({ service: trusted, admission, house, node, url, log, failures });
  }

  /** A connected socket that has not greeted. Throws the refusal. */
  async connect(auth: unknown, changes: Partial<Parameters<typeof RawSocket.connect>[0]> = {}): Promise<RawSocket> {
    const socket = await RawSocket.connect({ url: this.url, root: '', auth, ...changes });
    this.#sockets.push(socket);
    return socket;
  }

  /** An admitted socket, and what `prove` answered. */
  async enter(who: Participant, since?: number): Promise<{ socket: RawSocket; current: Answer }> {
    const socket = await this.connect(await who.auth());
    await socket.hello();
    const proof = await who.prove(socket.offerText!);
    const current = await socket.ask('prove', { proof, ...(since === undefined ? {} : { since }) });
    return { socket, current };
  }

  /** Claims, signed as a statement and stamped. */
  async envelope(who: Participant, claims: Record<string, unknown>): Promise<CommandEnvelope> {
    const text = await who.sign(statement(claims));
    return { statement: text, timestamp: await this.service.stamp(digestOfText(text)) };
  }

  /** A good frame around claims. */
  async frame(who: Participant, socket: RawSocket, claims: Record<string, unknown>): Promise<string> {
    return sealEnvelope(decodeBase64url(socket.offer!.sealingKey)!, await this.envelope(who, claims));
  }

  async command(who: Participant, socket: RawSocket, claims: Record<string, unknown>): Promise<Answer> {
    return socket.ask('command', await this.frame(who, socket, claims));
  }

  async list(
    who: Participant,
    socket: RawSocket,
    changes: Partial<LotTerms> = {},
  ): Promise<{ lot: LotId; terms: LotTerms }> {
    const terms = sampleTerms(this.service.now(), 60_000, changes);
    const answer = await this.command(who, socket, { type: 'list', ...terms });
    if (answer.outcome !== 'accepted') throw new Error(JSON.stringify(answer));
    return { lot: answer.lot, terms };
  }

  bid(
    who: Participant,
    socket: RawSocket,
    { lot, terms }: { lot: LotId; terms: LotTerms },
    amount: number,
  ): Promise<Answer> {
    return this.command(who, socket, bidOn(lot, terms, amount));
  }

  /** One tick. */
  flush(): void {
    this.node.tell();
  }

  /** The clock goes on until this lot is closed. */
  async close(lot: LotId): Promise<void> {
    const { closesAt } = this.house.lots.get(lot)!;
    this.service.clock.advance(closesAt + 3_000 - this.service.now());
    await this.node.monitor.closeDue();
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.close();
    await this.node.close();
    await this.house.stop();
  }
}
