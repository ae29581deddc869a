/** What open lots and recorded bids keep in the memory of a node: the same node started on journals of several lengths. */
import type { Bench } from '../bench.ts';
import { freePort } from '../free-port.ts';
import { against, type Figure, judged } from '../report.ts';
import { fillClosedLots, fillOpenLots } from './fill-lots.ts';
import { LotsHouse } from './lots-house.ts';
import { type MemoryInUse, memoryInUse } from './memory-in-use.ts';

const LOTS = 100_000;
/** On each lot: a lot with a bid is two records, with their ids and hashes. */
const BIDS = 1;
const RECORDS = 250_000;
const MILLION = 1_000_000;
const MB = 1_048_576;
/** What an open lot may take, in bytes. */
const ASKED = 4_096;

export const memoryOfLots: Bench = {
  group: 'lots',
  figures: ['memory-per-open-lot', 'memory-per-million-records'],
  measure: (settings) =>
    LotsHouse.during(settings, async (house): Promise<Figure[]> => {
      const [lots, records] = [LOTS, RECORDS].map((count) => Math.round(count * settings.scale)) as [number, number];
      await fillOpenLots(house.homeOf('open'), lots, BIDS);
      const made = await fillClosedLots(house.homeOf('closed'), records);
      const [none, open, closed] = [
        await measure(house, 'none'),
        await measure(house, 'open'),
        await measure(house, 'closed'),
      ];
      return [perLot(none, open, lots), perMillion(none, closed, made)];
    }),
};

/** A node on the journal in its home; one that has none begins one. */
async function measure(house: LotsHouse, name: string): Promise<MemoryInUse> {
  const port = await freePort();
  const { child } = await house.openNode({ name, process: { nodeOptions: [`--inspect=127.0.0.1:${port}`] } });
  const memory = await memoryInUse(port);
  await child.stop();
  return memory;
}

function perLot(none: MemoryInUse, open: MemoryInUse, lots: number): Figure {
  const [held, resident] = [open.held - none.held, open.resident - none.resident].map((bytes) => bytes / lots) as [
    number,
    number,
  ];
  const note = `${lots} open lots with a bid each, their records' ids and hashes included; ${Math.round(resident)} B more resident; an empty house holds ${Math.round(none.held / MB)} MB`;
  const figure = against({ name: 'memory-per-open-lot', value: held, unit: 'B' }, 'what it may take', ASKED);
  return judged({ ...figure, note }, { atMost: 1 });
}

function perMillion(none: MemoryInUse, closed: MemoryInUse, records: number): Figure {
  const [held, resident] = [closed.held - none.held, closed.resident - none.resident].map(
    (bytes) => ((bytes / records) * MILLION) / MB,
  ) as [number, number];
  const note = `from ${records} records, of lots with 20 bids that are sold and disclosed; ${Math.round(resident)} MB more resident`;
  const measured = { name: 'memory-per-million-records', value: held, unit: 'MB' };
  return judged({ ...against(measured, 'an empty house', none.held / MB), note });
}
