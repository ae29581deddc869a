/** The report for people. */
import type { Figure, Report } from './report.ts';

const HEAD = ['figure', 'value', 'unit', 'beside', 'its value', 'ratio', 'target', 'holds'];

/** Lines of a table, and under it the notes. Ends with a line break. */
export function formatReport({ machine, figures }: Report): string {
  const rows = [HEAD, ...figures.map(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  const notes = figures.flatMap(({ name, note }) => (note === undefined ? [] : [`${name}: ${note}`]));
  const blocks = [[`${machine.cores} cores, Node ${machine.node}`], lines, notes].filter((block) => block.length > 0);
  return blocks.map((block) => block.map((line) => `${line.trimEnd()}\n`).join('')).join('\n');
}

function cellsOf({ name, value, unit, beside, ratio, target, holds }: Figure): string[] {
  const verdict = holds === null ? '' : holds ? 'yes' : 'NO';
  return [name, short(value), unit, beside.name, short(beside.value), ratio.toFixed(3), target, verdict];
}

/** Three digits say all that a noisy machine knows. */
function short(value: number): string {
  return Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}
