/** A whole house in this process: both servers, and as many participants as are wanted, honest or not. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { AuctionClient } from '../../client/auction-client.ts';
import type { ConnectOptions } from '../../client/client-options.ts';
import { KeyStore } from '../../client/identity/key-store.ts';
import { digestOfTerms, digestOfText } from '../../shared/crypto/digest.ts';
import { LotTerms } from '../../shared/wire/commands.ts';
import { CLOSING_GRACE_MS } from '../../shared/wire/limits.ts';
import type { Amount, CompactJws, LotId } from '../../shared/wire/vocabulary.ts';
import { freePort } from './free-port.ts';
import { HandParticipant, type KnownService } from './hand-participant.ts';
import { type HouseOptions, HouseServers } from './house-servers.ts';
import { type Answer, RawSocket } from './raw-socket.ts';

/** A lot as the tests see it. */
export interface ListedLot {
  readonly lot: LotId;
  readonly number: number;
  readonly terms: LotTerms;
}

export class RunningHouse extends HouseServers {
  readonly #clients: AuctionClient[] = [];
  readonly #sockets: RawSocket[] = [];
  #scout: HandParticipant | undefined;

  static async start(options: HouseOptions = {}): Promise<RunningHouse> {
    const house = new RunningHouse(options, { service: await freePort(), dms: await freePort() });
    await house.startService();
    if (options.withoutDms !== true) await house.startDms();
    return house;
  }

  /** A client that is connected; enrolled first if its home is new. */
  async enrolled(name: string, options: Partial<ConnectOptions> = {}): Promise<AuctionClient> {
    const store = await KeyStore.open(join(this.home, 'client', name));
    const { serviceUrl: trustedServiceUrl, dmsUrl, root } = this;
    const client = await AuctionClient.connect({ store, root, trustedServiceUrl, dmsUrl, username: name, ...options });
    this.#clients.push(client);
    return client;
  }

  /** What a participant knows of the Trusted Service. */
  get known(): KnownService {
    const client = () => this.operator;
    return {
      // Another one after a restart.
      get client() {
        return client();
      },
      authority: `sha256:${this.root.sha256}`,
      now: () => this.now(),
    };
  }

  /** Somebody who does everything by hand. */
  participant(username: string, contact?: string): Promise<HandParticipant> {
    return HandParticipant.enrolled(this.known, { username, ...(contact === undefined ? {} : { contact }) });
  }

  /** An admitted socket of a participant, in the test's hands. */
  async rawSocket(participant: HandParticipant, since?: number, url: string = this.dmsUrl): Promise<RawSocket> {
    const socket = await RawSocket.admitted({ url, root: this.root.pem }, participant, since);
    this.#sockets.push(socket);
    return socket;
  }

  /** A socket that is connected with this `auth`, and no more. */
  async bareSocket(auth: unknown): Promise<RawSocket> {
    const socket = await RawSocket.connect({ url: this.dmsUrl, root: this.root.pem, auth });
    this.#sockets.push(socket);
    return socket;
  }

  /** Terms of a lot that closes in a minute, unless told otherwise. */
  terms(changes: object = {}): LotTerms {
    const closesAt = Math.round(this.now()) + 60_000;
    return LotTerms.parse({
      title: 'Oak desk',
      currency: 'EUR',
      startingPrice: 100,
      increment: 1,
      closesAt,
      ...changes,
    });
  }

  /** How long the journal is, as the house tells a participant. */
  async journalLength(socket: RawSocket): Promise<number> {
    return (await socket.ask('query', { type: 'allitems' })).position;
  }

  /** Lists a lot by hand. */
  async list(seller: HandParticipant, socket: RawSocket, changes: object = {}): Promise<ListedLot> {
    const terms = this.terms(changes);
    const answer = await this.command(seller, socket, { type: 'list', ...terms });
    if (answer.outcome !== 'accepted') throw new Error(`the listing was not accepted: ${JSON.stringify(answer)}`);
    return { lot: answer.lot, number: answer.number, terms };
  }

  /** Bids by hand. */
  bid(bidder: HandParticipant, socket: RawSocket, lot: ListedLot, amount: number, id?: string): Promise<Answer> {
    return this.command(bidder, socket, { ...this.bidClaims(lot, amount), ...(id === undefined ? {} : { id }) });
  }

  bidClaims({ lot, terms }: ListedLot, amount: number): Record<string, unknown> {
    return { type: 'bid', lot, terms: digestOfTerms(terms), amount: amount as Amount };
  }

  /** A statement of whatever claims; those that every statement has are added. */
  statement(participant: HandParticipant, claims: Record<string, unknown>): Promise<CompactJws> {
    return participant.sign('command+jwt', { v: 1, aud: this.house, id: randomUUID(), ...claims });
  }

  /** Signs, stamps, seals and sends a command by hand. */
  async command(participant: HandParticipant, socket: RawSocket, claims: Record<string, unknown>): Promise<Answer> {
    const statement = await this.statement(participant, claims);
    const timestamp = await participant.stamp(statement);
    return socket.ask('command', participant.seal(statement, timestamp, socket.sealingKey));
  }

  /** Sets the simulated clock, as `setClock`, and comes back when the DMS, if it runs, knows of it. */
  async travelTo(time: number): Promise<void> {
    const scout = await this.#sendScout();
    await this.setClock(time);
    await scout?.report();
  }

  /** Somebody who is there before the journey: a stamp from after it makes the DMS ask what time it is. */
  async #sendScout(): Promise<{ report(): Promise<void> } | undefined> {
    this.#scout ??= await this.participant('scout-of-the-tests');
    // Long journeys outlive certificates.
    await this.#scout.enrol({ username: 'scout-of-the-tests' });
    const scout = this.#scout;
    const socket = await this.rawSocket(scout).catch(() => undefined);
    // No DMS is there, or it can not let anybody in: then nobody waits for it.
    if (socket === undefined) return undefined;
    const claims = { type: 'bid', lot: randomUUID(), terms: digestOfText('no terms'), amount: 1 };
    return {
      report: async () => {
        // Papers do not last a long journey: a session that was ended for that shows as well that the DMS knows.
        await this.command(scout, socket, claims).catch(() => socket.closed);
        socket.close();
      },
    };
  }

  /** To the moment at which a lot with this closing may be closed. */
  travelPastClosing(closesAt: number): Promise<void> {
    return this.travelTo(closesAt + CLOSING_GRACE_MS);
  }

  /** Ends everything and removes all state. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.close();
    await Promise.all(this.#clients.map((client) => client.close()));
    await this.closeServers();
  }
}
