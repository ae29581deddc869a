/** Who does not read what he is sent: what waits for him takes our memory, so there is an end to it, for each and for all together. */

/** What waits to be sent on one connection. */
export interface Backlog {
  readonly packets: number;
  readonly bytes: number;
}

/** What one connection may leave unread: more than the largest page of a catalogue. */
const MAX_WAITING_BYTES = 4_194_304;
/** The same in packets: some five seconds of a busy house. */
const MAX_WAITING_PACKETS = 512;
/** What all connections together may leave unread. Ten thousand that stay below their own limit would fill any machine. */
export const MAX_WAITING_BYTES_IN_ALL = 536_870_912;

/** Whether that is more than one connection may leave unread. */
export function isTooMuch({ packets, bytes }: Backlog): boolean {
  return packets > MAX_WAITING_PACKETS || bytes > MAX_WAITING_BYTES;
}

/** Those who leave too much unread, and of the others the worst, as long as all together are beyond `mostInAll` bytes. */
export function tooSlow<Who>(backlogs: ReadonlyMap<Who, Backlog>, mostInAll: number = MAX_WAITING_BYTES_IN_ALL): Who[] {
  const worstFirst = [...backlogs].sort(([, one], [, other]) => other.bytes - one.bytes);
  let waiting = worstFirst.reduce((sum, [, { bytes }]) => sum + bytes, 0);
  const dropped: Who[] = [];
  for (const [who, backlog] of worstFirst) {
    if (waiting <= mostInAll && !isTooMuch(backlog)) continue;
    dropped.push(who);
    waiting -= backlog.bytes;
  }
  return dropped;
}
