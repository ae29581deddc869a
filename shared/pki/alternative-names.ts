/** What a server's certificate says it is: host names, addresses and its house (subjectAltName, RFC 5280 section 4.2.1.6). */
import { decodeLatin1, utf8 } from '../bytes.ts';
import { ProtocolError } from '../errors.ts';
import { HouseId } from '../wire/vocabulary.ts';
import { type DerElement, demand, TAG } from './der.ts';
import { encodeDer } from './encode-der.ts';

export interface AlternativeNames {
  /** Lower-case DNS names, and IP addresses in their usual text form. */
  readonly hosts: readonly string[];
  readonly house?: HouseId;
}

const DNS_NAME = 0x82;
const URI = 0x86;
const IP_ADDRESS = 0x87;
const HOUSE_URI = 'urn:uuid:';
/** Leaves the rest of a certificate enough room below its own limit. */
const MAX_NAMES_BYTES = 1_024;
const DNS_LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** The extension's value, hosts first. Throws 'malformed' for a host that is neither a DNS name nor an address. */
export function encodeAlternativeNames(names: AlternativeNames): Uint8Array {
  const hosts = names.hosts.map(encodeHost);
  const house = names.house === undefined ? [] : [encodeDer(URI, utf8.encode(HOUSE_URI + names.house))];
  const value = encodeDer(TAG.sequence, ...hosts, ...house);
  if (value.byteLength > MAX_NAMES_BYTES) {
    throw new ProtocolError('malformed', `the host names take more than ${MAX_NAMES_BYTES} bytes`);
  }
  return value;
}

function encodeHost(text: string): Uint8Array {
  if (isIPv4(text)) return encodeDer(IP_ADDRESS, Uint8Array.from(text.split('.').map(Number)));
  if (isIPv6(text)) return encodeDer(IP_ADDRESS, ipv6Bytes(text));
  const name = text.toLowerCase();
  if (!isDnsName(name)) throw new ProtocolError('malformed', 'a host is neither a DNS name nor an IP address');
  return encodeDer(DNS_NAME, utf8.encode(name));
}

/** Four numbers up to 255 without a zero in front (RFC 6943, section 3.1.1). */
export function isIPv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}

/** An address as a URL has it between brackets: hexadecimal groups, no zone. */
export function isIPv6(text: string): boolean {
  return /^[0-9a-f:.]+$/i.test(text) && URL.canParse(`http://[${text}]`);
}

/** No wildcards, and no last label of digits alone: such a name reads as an address. */
function isDnsName(name: string): boolean {
  const labels = name.split('.');
  return name.length <= 253 && labels.every((label) => DNS_LABEL.test(label)) && !/^\d+$/.test(labels.at(-1) ?? '');
}

function ipv6Bytes(text: string): Uint8Array {
  const [head = '', tail] = canonicalIpv6(text).split('::');
  const groups = (half: string) => (half === '' ? [] : half.split(':'));
  const [left, right] = [groups(head), groups(tail ?? '')];
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return Uint8Array.from(
    [...left, ...zeros, ...right].flatMap((group) => {
      const value = Number.parseInt(group, 16);
      return [value >> 8, value & 0xff];
    }),
  );
}

/** RFC 5952, as URLs write it: without dots, zeros shortened. */
function canonicalIpv6(text: string): string {
  return new URL(`http://[${text}]`).hostname.slice(1, -1);
}

/** Reads an extension's value: DNS names, addresses and at most one house. Throws a `DerError` for everything else. */
export function readAlternativeNames(value: DerElement): AlternativeNames {
  const hosts: string[] = [];
  let house: HouseId | undefined;
  demand(value.tag === TAG.sequence && value.encoded.byteLength <= MAX_NAMES_BYTES, 'too many alternative names');
  for (const { tag, content } of value.children) {
    if (tag === URI) {
      demand(house === undefined, 'a second house');
      house = readHouse(content);
    } else {
      demand(tag === DNS_NAME || tag === IP_ADDRESS, 'a kind of name that this house does not issue');
      hosts.push(tag === DNS_NAME ? readDnsName(content) : readAddress(content));
    }
  }
  return { hosts, ...(house === undefined ? {} : { house }) };
}

function readHouse(content: Uint8Array): HouseId {
  const text = decodeLatin1(content);
  const house = HouseId.safeParse(text.slice(HOUSE_URI.length));
  demand(text.startsWith(HOUSE_URI) && house.success, 'a URI that names no house');
  return house.data;
}

function readDnsName(content: Uint8Array): string {
  const name = decodeLatin1(content);
  demand(isDnsName(name), 'a DNS name that this house does not issue');
  return name;
}

function readAddress(content: Uint8Array): string {
  demand(content.byteLength === 4 || content.byteLength === 16, 'an address that is neither IPv4 nor IPv6');
  if (content.byteLength === 4) return [...content].join('.');
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const groups = Array.from({ length: 8 }, (_, index) => view.getUint16(2 * index).toString(16));
  return canonicalIpv6(groups.join(':'));
}
