/** The third kind of no: not a rule's and not a stranger's mistake, but ours. The process stops. */
export class InvariantViolation extends Error {
  override readonly name = 'InvariantViolation';
}

/** States what must be true here. A failure is a bug in this program, never the answer to bad input. */
export function invariant(condition: unknown, what: string): asserts condition {
  if (!condition) throw new InvariantViolation(what);
}
