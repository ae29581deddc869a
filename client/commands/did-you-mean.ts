/** The nearest of some known words to one that is not known. */

/** The known word at most two changes of a letter away, and at most a third of the word; `undefined` if there is none. */
export function didYouMean(word: string, known: readonly string[]): string | undefined {
  // What is far longer than every word is no slip, and not worth the table.
  if (word.length > 32) return undefined;
  let best: string | undefined;
  let least = 3;
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate);
    if (distance < least && distance < candidate.length - 1) [best, least] = [candidate, distance];
  }
  return best;
}

/** How many letters have to be put in, taken out, replaced or swapped with their neighbour (optimal string alignment). */
function editDistance(left: string, right: string): number {
  const rows: number[][] = [Array.from({ length: right.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= left.length; row++) {
    const line = [row];
    for (let column = 1; column <= right.length; column++) {
      line.push(leastChange({ rows, line, row, column, left, right }));
    }
    rows.push(line);
  }
  return rows.at(-1)?.at(-1) ?? 0;
}

interface Cell {
  readonly rows: readonly (readonly number[])[];
  readonly line: readonly number[];
  readonly row: number;
  readonly column: number;
  readonly left: string;
  readonly right: string;
}

function leastChange({ rows, line, row, column, left, right }: Cell): number {
  const same = left[row - 1] === right[column - 1];
  const swapped = row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
  return Math.min(
    at(line, column - 1) + 1,
    at(rows[row - 1], column) + 1,
    at(rows[row - 1], column - 1) + (same ? 0 : 1),
    swapped ? at(rows[row - 2], column - 2) + 1 : Number.POSITIVE_INFINITY,
  );
}

function at(line: readonly number[] | undefined, column: number): number {
  return line?.[column] ?? Number.POSITIVE_INFINITY;
}
