/** Reads the text format of Prometheus (exposition format 0.0.4), and is strict about it. */

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\[\\\\"n])*"';
/** Numbers are as Go's ParseFloat reads them. */
const NUMBER = '[0-9eE.+-]+|nan|[+-]?inf';
const COMMENT = new RegExp(`^# (?:HELP (?:${NAME}) .+|TYPE (${NAME}) (?:counter|gauge|histogram|summary|untyped))$`);
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(${LABEL}(?:,${LABEL})*)\\})? (${NUMBER})$`, 'i');

/** The value of a sample by its name and all of its labels, or `undefined`. Throws where a line is none. */
export function readMetrics(text: string): (name: string, labels?: Record<string, string>) => number | undefined {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const types = new Set<string>();
  const samples = new Map<string, number>();
  for (const line of text.split('\n').filter((one) => one !== '')) {
    if (line.startsWith('#')) readType(line, types);
    else readSample(line, types, samples);
  }
  return (name, labels = {}) => {
    const all = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    return samples.get(keyOf(name, all));
  };
}

function readType(line: string, types: Set<string>): void {
  const comment = COMMENT.exec(line);
  if (comment === null) throw new Error(`not a line of the format: ${line}`);
  const [, name] = comment;
  if (name === undefined) return;
  if (types.has(name)) throw new Error(`two types: ${line}`);
  types.add(name);
}

function readSample(line: string, types: ReadonlySet<string>, samples: Map<string, number>): void {
  const [, name, labels = '', value] = SAMPLE.exec(line) ?? [];
  if (name === undefined) throw new Error(`not a line of the format: ${line}`);
  if (!types.has(name) && !types.has(name.replace(/_(bucket|sum|count)$/, ''))) throw new Error(`no type: ${line}`);
  const key = keyOf(
    name,
    Array.from(labels.matchAll(new RegExp(LABEL, 'g')), ([label]) => label),
  );
  if (samples.has(key)) throw new Error(`twice: ${line}`);
  samples.set(key, Number(value));
}

function keyOf(name: string, labels: readonly string[]): string {
  return `${name}{${labels.toSorted().join()}}`;
}
