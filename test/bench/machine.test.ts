import { describe, expect, it } from 'vitest';
import { parseCoreList, shareOutCores } from '../../bench/cores.ts';
import { parseCpuTicks, usageOf } from '../../bench/process-usage.ts';

describe('the cores', () => {
  it.each([
    [' 0-3\n', [0, 1, 2, 3]],
    ['5', [5]],
    ['0-1,4,6-7', [0, 1, 4, 6, 7]],
  ])('of the list %j are %j', (list, cores) => {
    expect(parseCoreList(list)).toEqual(cores);
  });

  it('are shared out so that the server has its own', () => {
    const { server, load, loaders, pinned } = shareOutCores();
    expect(loaders).toBeGreaterThan(0);
    if (pinned) expect(parseCoreList(load.at(-1)!)).not.toContain(Number(server.at(-1)));
    else expect([server, load]).toEqual([[], []]);
  });
});

describe("a process's usage", () => {
  it('is read behind a name with blanks and brackets', () => {
    const rest = 'S 1 2 3 4 5 6 7 8 9 10 250 17 0 0 20 0';
    expect(parseCpuTicks(`42 (a ) b (c) ${rest}`)).toBe(267);
  });

  it.runIf(process.platform === 'linux')('is that of this process, roughly', () => {
    const { cpuSeconds, residentBytes } = usageOf(process.pid);
    expect(cpuSeconds).toBeGreaterThan(0);
    expect(residentBytes).toBeGreaterThan(10_000_000);
    expect(residentBytes).toBeLessThan(100_000_000_000);
  });
});
