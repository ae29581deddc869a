import { describe, expect, it } from 'vitest';
import { type Backlog, MAX_WAITING_BYTES_IN_ALL, tooSlow } from '../../../dms/gateway/backlog.ts';

const MIB = 1_048_576;

function dropped(backlogs: Readonly<Record<string, Partial<Backlog>>>, mostInAll?: number): string[] {
  const all = Object.entries(backlogs).map(([who, backlog]) => [who, { packets: 1, bytes: 0, ...backlog }] as const);
  return tooSlow(new Map(all), mostInAll);
}

describe('who is dropped because he does not read', () => {
  it.each<[string, Readonly<Record<string, Partial<Backlog>>>, string[]]>([
    ['nobody who reads in time', { a: { bytes: 4 * MIB }, b: { packets: 512 } }, []],
    ['who leaves too many bytes', { a: { bytes: 4 * MIB + 1 }, b: { bytes: MIB } }, ['a']],
    ['who leaves too many packets, however small', { a: { packets: 513 }, b: { bytes: 4 * MIB } }, ['a']],
  ])('%s', (_, backlogs, expected) => {
    expect(dropped(backlogs)).toEqual(expected);
  });

  it('while all together leave too much: the worst, and no more of them than it takes', () => {
    const backlogs = { a: { bytes: MIB }, b: { bytes: 3 * MIB }, c: { bytes: 2 * MIB }, d: { packets: 513 } };
    expect(dropped(backlogs, 6 * MIB)).toEqual(['d']);
    expect(dropped(backlogs, 6 * MIB - 1)).toEqual(['b', 'd']);
    expect(dropped(backlogs, 3 * MIB)).toEqual(['b', 'd']);
    expect(dropped(backlogs, 3 * MIB - 1)).toEqual(['b', 'c', 'd']);
  });

  it('who is dropped for his own sake makes room for the others', () => {
    expect(dropped({ a: { bytes: 5 * MIB }, b: { bytes: 2 * MIB } }, 3 * MIB)).toEqual(['a']);
  });

  it('before the memory of a small machine is full of what nobody reads', () => {
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, who) => [who, { bytes: 4 * MIB }]));
    expect(200 - dropped(many).length).toBe(MAX_WAITING_BYTES_IN_ALL / (4 * MIB));
  });
});
