/** The journal as a bundle shows it: its public records by position, with what their timestamps say. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { PublicRecord } from '../../../shared/journal/record.ts';
import { readStamp } from '../../../shared/timestamp/timestamp-token.ts';

/** One record. That it is the house's, and its stamp genuine, is for `gavel verify` to say. */
export interface Recorded {
  readonly position: number;
  readonly record: PublicRecord;
  readonly at?: number;
  readonly serial?: number;
}

export async function readBundle(path: string): Promise<Recorded[]> {
  const records: Recorded[] = [];
  for await (const line of createInterface({ input: createReadStream(path) })) {
    const { record: text } = JSON.parse(line) as { readonly record?: string };
    if (text === undefined) continue;
    const record = PublicRecord.parse(JSON.parse(text));
    const position = records.length + 1;
    records.push('timestamp' in record ? { position, record, ...stampIn(record) } : { position, record });
  }
  return records;
}

function stampIn({ timestamp }: Extract<PublicRecord, { timestamp: unknown }>): { at: number; serial: number } {
  const { at, serial } = readStamp(timestamp);
  return { at, serial };
}
