/** One line of input and its answer: exactly one fact for each, whatever the line was. */
import { ClientError } from '../client-error.ts';
import { cautionFor } from '../commands/caution.ts';
import { type InputLine, parseInputLine } from '../commands/input-line.ts';
import { type Answer, type PerformClient, perform } from '../commands/perform.ts';
import { hasBidBefore } from '../store/select.ts';
import type { Answering, Face } from './fact.ts';
import { complaintFact } from './facts-of.ts';
import type { Line } from './lines-of.ts';

/** Answers the lines of one run. */
export class LineAnswers {
  readonly #client: PerformClient;
  readonly #face: Face;
  /** What a first bid means is said once. */
  #hasTold = false;

  /** `face` hears what has to be said before a line is answered. */
  constructor(client: PerformClient, face: Face) {
    this.#client = client;
    this.#face = face;
  }

  /** Answers line `number`. Throws only what is a mistake of ours. */
  async answer(line: Line, number: number): Promise<Answer> {
    let answering: Answering = { line: number };
    try {
      const input = readLine(line);
      if (input.id !== undefined) answering = { ...answering, id: input.id };
      const intent = input.parse(this.#client.time().at);
      const { model } = this.#client;
      const caution = cautionFor(intent, model, { hasBidBefore: this.#hasTold || hasBidBefore(model) });
      if (caution?.code === 'first-bid') {
        this.#hasTold = true;
        this.#face.tell({ type: 'snapshot', data: { of: 'caution', ...caution } });
      }
      return await perform(this.#client, intent, { answering });
    } catch (error) {
      return complaintFact(error, answering);
    }
  }
}

function readLine(line: Line): InputLine {
  if (line === undefined) throw new ClientError('line-too-long');
  return parseInputLine(line);
}
