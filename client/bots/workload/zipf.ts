/** Zipf's law: of n things in order of their rank, the k-th is drawn with a probability in proportion to 1 / k^s. */
import type { Random } from './random.ts';

export class Zipf {
  /** Up to which number in [0, 1) each rank is drawn. */
  readonly #upTo: Float64Array;

  constructor(count: number, exponent: number) {
    const weights = Float64Array.from({ length: count }, (_, index) => (index + 1) ** -exponent);
    const sum = weights.reduce((total, weight) => total + weight, 0);
    let reached = 0;
    this.#upTo = weights.map((weight) => {
      reached += weight;
      return reached / sum;
    });
  }

  /** A rank from 1 to the count, by a binary search in the sums. */
  rank(random: Random): number {
    const drawn = random.next();
    let [low, high] = [0, this.#upTo.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#upTo[middle] ?? 1) > drawn) high = middle;
      else low = middle + 1;
    }
    return low + 1;
  }
}
