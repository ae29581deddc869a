/** Bytes as lines, each of a limited length: what comes in may be anything. */

/** Bytes of a line. A JSON command with the longest description is far below it. */
export const MAX_LINE_BYTES = 65_536;

/** One line without its end; `undefined` for one that was too long, which is skipped to its end. */
export type Line = string | undefined;

/**
 * Splits a stream at line feeds; a carriage return before one belongs to it. The last line needs no end. What is no
 * UTF-8 becomes replacement characters: every form that is read here refuses them.
 */
export async function* linesOf(input: AsyncIterable<Uint8Array | string>): AsyncGenerator<Line, undefined> {
  const splitter = new LineSplitter();
  for await (const chunk of input) yield* splitter.take(Buffer.from(chunk));
  yield* splitter.end();
}

class LineSplitter {
  #parts: Buffer[] = [];
  #bytes = 0;

  *take(chunk: Buffer): Generator<Line> {
    let from = 0;
    for (let end = chunk.indexOf(LINE_FEED, from); end !== -1; end = chunk.indexOf(LINE_FEED, from)) {
      this.#keep(chunk.subarray(from, end));
      yield this.#line();
      from = end + 1;
    }
    this.#keep(chunk.subarray(from));
  }

  *end(): Generator<Line> {
    if (this.#bytes > 0) yield this.#line();
  }

  /** Of a line that is too long nothing is kept but its length. */
  #keep(part: Buffer): void {
    this.#bytes += part.length;
    if (this.#bytes > MAX_LINE_BYTES) this.#parts = [];
    else if (part.length > 0) this.#parts.push(part);
  }

  #line(): Line {
    const line = this.#bytes > MAX_LINE_BYTES ? undefined : Buffer.concat(this.#parts).toString('utf8');
    this.#parts = [];
    this.#bytes = 0;
    return line?.replace(/\r$/, '');
  }
}

const LINE_FEED = 0x0a;
