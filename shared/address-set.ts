/** A set of addresses, given one by one or as networks (RFC 4632). */
import { BlockList, isIPv4, isIPv6 } from 'node:net';

const PREFIX = /^(\d{1,3})$/;

/** The set that a text such as `10.0.0.7,192.168.0.0/16` describes; `undefined` where it describes none. */
export function parseAddresses(text: string): ((address: string) => boolean) | undefined {
  const set = new BlockList();
  for (const part of text.split(',').map((one) => one.trim())) {
    const [address = '', prefix, ...rest] = part.split('/');
    const family = familyOf(address);
    if (family === undefined || rest.length > 0) return undefined;
    const bits = family === 'ipv4' ? 32 : 128;
    const length = prefix === undefined ? bits : Number(PREFIX.exec(prefix)?.[1] ?? Number.NaN);
    if (!(length <= bits)) return undefined;
    set.addSubnet(address, length, family);
  }
  return (address) => {
    // As Node tells of an IPv4 address on a socket for both.
    const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
    const family = familyOf(plain);
    return family !== undefined && set.check(plain, family);
  };
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  if (isIPv4(address)) return 'ipv4';
  return isIPv6(address) ? 'ipv6' : undefined;
}
