/** A second idea of which JSON has two readings, written to be plain. */

const TOKENS = /"(?:[^"\\]|\\.)*"(?:\s*:)?|[{}[\]]/g;

/** Whether an object has a member twice, one called `__proto__`, or one written with an escape: one token after the other, with the names so far. */
export function isAmbiguous(json: string): boolean {
  const open: Set<string>[] = [];
  for (const [token] of json.matchAll(TOKENS)) {
    if (token === '{' || token === '[') open.push(new Set(['"__proto__"']));
    else if (token === '}' || token === ']') open.pop();
    else if (token.endsWith(':') && !(isPlain(token) && isNew(open.at(-1)!, token.slice(0, -1).trim()))) return true;
  }
  return false;
}

const isPlain = (name: string) => !name.includes('\\');

function isNew(names: Set<string>, name: string): boolean {
  const before = names.size;
  return names.add(name).size > before;
}
