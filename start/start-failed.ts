/** Something in the house went otherwise than it should; the message says what, for people. */
export class StartFailed extends Error {
  override readonly name = 'StartFailed';
}

/** Checks what has to be so for the evening to go on. Throws `StartFailed` with the sentence. */
export function demand(condition: unknown, sentence: string): asserts condition {
  if (!condition) throw new StartFailed(sentence);
}
