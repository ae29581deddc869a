/** One fact as one line of JSON: the only thing that line mode ever writes to standard output. */
import { printableText } from '../store/printable.ts';
import type { Fact, FactTime } from './fact.ts';

/**
 * `{"v":1,"type":…,"at":…,"simulated":…,"data":{…}}` without a line break. `extra` members, such as a participant's
 * name, come before `data`. Text in it is free of control, escape and bidi characters, line breaks excepted.
 */
export function formatJsonLine(
  { type, data }: { readonly type: string; readonly data: object },
  { at, simulated }: FactTime,
  extra: Readonly<Record<string, string>> = {},
): string {
  return JSON.stringify({ v: 1, type, at, simulated, ...extra, data }, (_name, value: unknown) =>
    typeof value === 'string' ? printableText(value) : value,
  );
}

/** Where lines go: a stream, or what stands for one. */
export interface LineSink {
  write(text: string): unknown;
}

/** Writes facts as they are told. `time` is asked for at each. */
export function createJsonFace(
  sink: LineSink,
  time: () => FactTime,
  extra: Readonly<Record<string, string>> = {},
): { tell(fact: Fact): void } {
  return { tell: (fact) => void sink.write(`${formatJsonLine(fact, time(), extra)}\n`) };
}
