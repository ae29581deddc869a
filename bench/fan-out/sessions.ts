/** How a watcher gets to where it is sent to: into a house by the whole handshake, elsewhere by a connection alone. */
import { encodeBase64url } from '../../shared/bytes.ts';
import { digestOfText } from '../../shared/crypto/digest.ts';
import { parseJws, signJws } from '../../shared/crypto/jws.ts';
import { randomBytes } from '../../shared/crypto/random.ts';
import { SessionOffer, type SessionProof } from '../../shared/wire/socket-events.ts';
import type { WatchedKind } from './messages.ts';
import type { Participant } from './participants.ts';
import { WireSocket } from './wire-socket.ts';

const NONCE_BYTES = 32;
/** Socket.IO's packets: CONNECT inside an Engine.IO message; an event with its number; the answer to it. */
const CONNECT = '40';
const EVENT = '42';
const ANSWER = '43';

export interface Place {
  readonly kind: WatchedKind;
  readonly url: string;
  /** The root certificate. */
  readonly ca: string;
}

export async function openSession(place: Place, participant: Participant | undefined): Promise<WireSocket> {
  const isWeb = place.kind === 'house' || place.kind === 'socket-io';
  const wire = await WireSocket.open(place.url, hasTls(place) ? place.ca : undefined, isWeb);
  if (!isWeb) return wire;
  // Engine.IO's own greeting.
  await wire.hear();
  wire.say(`${CONNECT}${participant === undefined ? '' : JSON.stringify(participant.auth)}`);
  demand(await wire.hear(), CONNECT);
  if (participant !== undefined) await prove(wire, participant);
  return wire;
}

function hasTls({ url }: Place): boolean {
  return url.startsWith('https:');
}

/** What the house says about itself is not verified: a watcher believes it, and is told the same. */
async function prove(wire: WireSocket, { signer }: Participant): Promise<void> {
  const { offer } = (await ask(wire, 0, 'hello', { nonce: encodeBase64url(randomBytes(NONCE_BYTES)) })) as {
    offer: string;
  };
  const { text, claims } = parseJws(offer, 'session-offer+jwt', SessionOffer);
  const { session, serverNonce } = claims;
  const proof: SessionProof = { session, serverNonce, offer: digestOfText(text) };
  await ask(wire, 1, 'prove', { proof: await signJws(signer, 'session-proof+jwt', proof) });
}

async function ask(wire: WireSocket, number: number, name: string, argument: object): Promise<object> {
  wire.say(`${EVENT}${number}${JSON.stringify([name, argument])}`);
  const head = `${ANSWER}${number}`;
  const [answer] = JSON.parse(demand(await wire.hear(), head).slice(head.length)) as [{ outcome: string }];
  if (answer.outcome !== 'accepted') throw new Error(`${name}: ${JSON.stringify(answer)}`);
  return answer;
}

function demand(text: string, head: string): string {
  if (!text.startsWith(head)) throw new Error(`not ${head} but ${text}`);
  return text;
}
