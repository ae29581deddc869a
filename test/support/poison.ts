/** `__proto__` and its like in every place of a good message: what a careless copy or merge would put on everybody's prototype. */

/** What a poisoned prototype would have. */
const PAYLOAD = { admin: true, polluted: true };
const PATHS_TO_PROTOTYPE: readonly [string, unknown][] = [
  ['__proto__', PAYLOAD],
  ['constructor', { prototype: PAYLOAD }],
  ['prototype', PAYLOAD],
];

/** JSON texts: each value of `good`, itself included, replaced by a poisoned object, and each object with one member more. */
export function poisonings(good: unknown): string[] {
  const texts = PATHS_TO_PROTOTYPE.map(([name, value]) => JSON.stringify(withMember({}, name, value)));
  if (typeof good !== 'object' || good === null) return texts;
  if (!Array.isArray(good)) {
    for (const [name, value] of PATHS_TO_PROTOTYPE) texts.push(JSON.stringify(withMember({ ...good }, name, value)));
  }
  for (const [name, value] of Object.entries(good)) {
    for (const text of poisonings(value)) {
      const changed = Array.isArray(good) ? [...good] : { ...good };
      texts.push(JSON.stringify(withMember(changed, name, JSON.parse(text))));
    }
  }
  return texts;
}

/** Of its own, enumerable, whatever its name: as `JSON.parse` makes it. */
function withMember(object: object, name: string, value: unknown): object {
  return Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}

const BUILT_IN = [Object.prototype, Array.prototype, Function.prototype, String.prototype, Promise.prototype];
const before = BUILT_IN.map((prototype) => Reflect.ownKeys(prototype).length);

/** What every object has and should not: `undefined` if there is nothing. */
export function poisonOnPrototypes(): string | undefined {
  const anything = {} as Record<string, unknown>;
  const found = Object.keys(PAYLOAD).filter((name) => name in anything);
  const grown = BUILT_IN.filter((prototype, index) => Reflect.ownKeys(prototype).length !== before[index]);
  if (found.length === 0 && grown.length === 0) return undefined;
  return [...found, ...grown.map((prototype) => prototype.constructor.name)].join();
}
