/** Reads what a document says in a form that code can be compared with: tables, and code blocks that have a name. */
import { readFileSync } from 'node:fs';

export interface Document {
  readonly text: string;
  /** What is in a code block whose fence says ```` ```text name ````. Throws where there is not exactly one. */
  block(name: string): string;
  readonly blockNames: readonly string[];
  /** The rows of all tables below a heading, as far as the next heading of the same or a higher level. */
  rows(heading: string): string[][];
}

const BLOCK = /^```text ([a-z-]+)\n([\s\S]*?)\n```$/gm;

/** A document of the folder `docs`. */
export function readDocument(name: string): Document {
  const text = readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
  const blocks = Array.from(text.matchAll(BLOCK), ([, key = '', value = '']) => ({ key, value }));
  return {
    text,
    blockNames: blocks.map(({ key }) => key),
    block(key) {
      const [found, ...more] = blocks.filter((block) => block.key === key);
      if (found === undefined || more.length > 0) throw new Error(`docs/${name} has not exactly one block '${key}'`);
      return found.value;
    },
    rows: (heading) => tableRows(section(text, heading)),
  };
}

/** A cell without its code marks; a dash stands for nothing. */
export function plain(cell: string | undefined): string | undefined {
  const bare = cell?.replaceAll('`', '');
  return bare === '–' ? undefined : bare;
}

function section(text: string, heading: string): string {
  const lines = text.split('\n');
  const start = lines.indexOf(heading);
  if (start < 0) throw new Error(`no heading '${heading}'`);
  const level = heading.indexOf(' ');
  const isNext = (line: string) => /^#+ /.test(line) && line.indexOf(' ') <= level;
  const end = lines.findIndex((line, index) => index > start && isNext(line));
  return lines.slice(start + 1, end < 0 ? undefined : end).join('\n');
}

/** Body rows: what stands below a line of dashes. */
function tableRows(text: string): string[][] {
  const rows: string[][] = [];
  let inBody = false;
  for (const line of text.split('\n')) {
    if (!line.startsWith('|')) inBody = false;
    else if (/^\|[-|]+\|$/.test(line)) inBody = true;
    else if (inBody) rows.push(cells(line));
  }
  return rows;
}

function cells(line: string): string[] {
  const parts = line.split(/(?<!\\)\|/).slice(1, -1);
  return parts.map((cell) => cell.trim().replaceAll('\\|', '|'));
}
