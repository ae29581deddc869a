/** The bench as a command: that it runs and says what it should. How fast anything is, is no matter for a test. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Report } from '../../bench/report.ts';
import { ask, openDatabases } from '../support/postgres-server.ts';

const main = join(import.meta.dirname, '../../bench/main.ts');

function bench(...args: string[]) {
  return benchWith({}, ...args);
}

function benchWith(env: Record<string, string>, ...args: string[]) {
  return new Promise<{ code: unknown; out: string; err: string }>((resolve) => {
    execFile(process.execPath, [main, ...args], { env: { ...process.env, ...env } }, (error, out, err) =>
      resolve({ code: error?.code ?? 0, out, err }),
    );
  });
}

describe('npm run bench', () => {
  it('measures one figure and prints it as JSON', { timeout: 60_000 }, async () => {
    const { out, err, code } = await bench('--json', '--only', 'timestamp-signatures', '--scale', '0.02');
    expect({ code, err }).toMatchObject({ code: 0 });
    const { figures } = Report.parse(JSON.parse(out));
    expect(figures.map(({ name }) => name)).toEqual(['timestamp-signatures']);
    // One signature for each token would be 1; a batch that nobody counted, 0.
    expect(figures[0]!.value).toBeGreaterThan(0);
    expect(figures[0]!.value).toBeLessThanOrEqual(1);
  });

  it('measures the engines of the journal, in databases of its own that it removes', { timeout: 60_000 }, async () => {
    const databases = await openDatabases();
    try {
      const url = await databases.create();
      const names = () => ask(url, "SELECT datname FROM pg_database WHERE datname LIKE 'gavel_bench_%'");
      const env = { GAVEL_BENCH_PG_URL: url };
      const { out, code, err } = await benchWith(env, '--json', '--only', 'appends-postgres', '--scale', '0.01');
      expect({ code, err }).toMatchObject({ code: 0 });
      const { figures } = Report.parse(JSON.parse(out));
      expect(figures.map(({ name }) => name)).toEqual([1, 16, 128].map((batch) => `appends-postgres-${batch}`));
      expect(figures.every(({ value, holds }) => value > 0 && holds === null)).toBe(true);
      expect(await names()).toEqual([]);
    } finally {
      await databases.close();
    }
  });

  it('sends bids through a house and beside it, and says what became of them', { timeout: 120_000 }, async () => {
    const { out, err, code } = await bench('--json', '--only', 'pipeline', '--scale', '0.01');
    expect({ code, err }).toMatchObject({ code: 0 });
    const { figures } = Report.parse(JSON.parse(out));
    expect(figures.map(({ name, target }) => [name, target])).toEqual([
      ['bids', '≥ 0.5'],
      ['bids-beside-verifying', 'stated'],
      ['verifying', 'stated'],
      ['bids-beside-cryptography', 'stated'],
      ['bids-p50', 'stated'],
      ['bids-p99', '≤ 3'],
      ['bids-p99-beside-verifying', 'stated'],
      ['bid-to-receipt', '≤ 5 ms more'],
    ]);
    expect(figures.every(({ value, beside }) => value > 0 && beside.value > 0)).toBe(true);
    expect(figures[0]!.note).toMatch(/50 bidders .*[1-9]\d* of \d+ accepted.*[1-9]\d* receipts verified/);
  });

  // In Python, whose packages are the system's: whoever has none is told what to install.
  it('stands beside the earlier design, where that can be run', { timeout: 120_000 }, async () => {
    const { out, err, code } = await bench('--json', '--only', 'earlier-design', '--scale', '0.01');
    if (code !== 0) {
      expect(err).toContain('python3-flask-socketio in Debian');
      return;
    }
    const { figures } = Report.parse(JSON.parse(out));
    expect(figures.map(({ name, target }) => [name, target])).toEqual([
      ['bids-beside-earlier-design', '≥ 10'],
      ['p50-beside-earlier-design', 'stated'],
      ['p99-beside-earlier-design', 'stated'],
    ]);
    expect(figures.every(({ value, beside }) => value > 0 && beside.value > 0)).toBe(true);
  });

  it('has a house announce bids to watchers, and the same frames go by other ways', { timeout: 180_000 }, async () => {
    const { out, err, code } = await bench('--json', '--only', 'fan-out-5000', '--scale', '0.002');
    expect({ code, err }).toMatchObject({ code: 0 });
    const [figure, ...others] = Report.parse(JSON.parse(out)).figures;
    expect([figure!.name, others, figure!.note]).toEqual(['fan-out-5000', [], expect.stringContaining('10 watchers')]);
    expect(Math.min(figure!.value, figure!.beside.value)).toBeGreaterThan(0);
  });

  it('prints a table', { timeout: 60_000 }, async () => {
    const { out, code } = await bench('--only', 'timestamp-memory', '--scale', '0.0005');
    expect(code).toBe(0);
    expect(out).toMatch(/^\d+ cores, Node v24.*\n\nfigure .*\ntimestamp-memory /);
  });

  it.each([[['--only', 'nonsense']], [['--scale', 'fast']]])('says what can be said instead of %j', async (args) => {
    const { code, err } = await bench(...args);
    expect(code).toBe(2);
    expect(err).toContain('timestamp-tokens');
  });

  it('explains itself', async () => {
    const { code, out } = await bench('--help');
    expect(code).toBe(0);
    expect(out).toContain('--only NAME');
  });
});
