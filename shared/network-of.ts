/** Which addresses are one caller's, as far as can be known. */
import { isIPv4, isIPv6 } from 'node:net';

const GROUPS = 8;
/** A subscriber gets 64 bits of addresses at least, and can use another one for each request (RFC 6177). */
const NETWORK_GROUPS = 4;
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** An IPv4 address itself; of an IPv6 address its network of 64 bits. What is no address is all one. */
export function networkOf(address = ''): string {
  const [, mapped] = MAPPED.exec(address) ?? [];
  const plain = mapped ?? address.replace(/%.*$/, '');
  if (isIPv4(plain)) return plain;
  return isIPv6(plain) ? groupsOf(plain).slice(0, NETWORK_GROUPS).join(':') : 'unknown';
}

/** The eight groups, without leading zeros: `URL` knows every way to write them (RFC 5952). */
function groupsOf(address: string): string[] {
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [left = '', right] = canonical.split('::');
  const before = left === '' ? [] : left.split(':');
  const after = right === undefined || right === '' ? [] : right.split(':');
  return [...before, ...Array<string>(GROUPS - before.length - after.length).fill('0'), ...after];
}
