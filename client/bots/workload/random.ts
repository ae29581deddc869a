/** Chances that come again: the same seed gives the same row of numbers on every machine. Not for secrets. */

export interface Random {
  /** In [0, 1), 32 bits of it. */
  next(): number;
  /** A whole number in [0, bound). */
  below(bound: number): number;
  /** Normally distributed (Box and Muller, 1958). */
  normal(mean: number, deviation: number): number;
  /** Exponentially distributed: the pause before the next of events that come at `rate`, each independent of the others. */
  exponential(rate: number): number;
  /** Whether something happens that does so in this share of all cases. */
  chance(share: number): boolean;
}

/** sfc32 (Doty-Humphrey, PractRand): 128 bits of state, filled from the seed by FNV-1a over its UTF-16 code units. */
export function createRandom(seed: string): Random {
  const state = new Uint32Array([hash(seed, 0), hash(seed, 1), hash(seed, 2), 1]);
  const next = () => step(state) / 2 ** 32;
  // The first numbers still look like the seed.
  for (let round = 0; round < 15; round++) next();
  return {
    next,
    below: (bound) => Math.floor(next() * bound),
    normal: (mean, deviation) => {
      // 1 - u is never 0, of which there is no logarithm.
      const radius = Math.sqrt(-2 * Math.log(1 - next()));
      return mean + deviation * radius * Math.cos(2 * Math.PI * next());
    },
    exponential: (rate) => -Math.log(1 - next()) / rate,
    chance: (share) => next() < share,
  };
}

function step(state: Uint32Array): number {
  const [a = 0, b = 0, c = 0, counter = 0] = state;
  const result = (a + b + counter) >>> 0;
  state.set([b ^ (b >>> 9), c + (c << 3), ((c << 21) | (c >>> 11)) + result, counter + 1]);
  return result;
}

function hash(text: string, salt: number): number {
  let value = 0x811c9dc5 ^ salt;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value >>> 0;
}
