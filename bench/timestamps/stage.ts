/** The servers that are compared, up and warm, with the load's connections open. */
import type { BenchSettings } from '../bench.ts';
import { LoadTeam } from '../load/load-team.ts';
import { prepareRequests } from './imprints.ts';
import { type Served, serveTrustedService, serveYardstick } from './served.ts';
import { SIDES, type Side } from './sides.ts';

/** Connections that ask for timestamps. */
export const CONNECTIONS = 100;
const REQUESTS = 4_096;
const WARM_UP_MS = 3_000;
/** Every batch has one first token: it counts the signatures. */
const FIRST_OF_BATCH = '"index":0,';

export interface ServiceStage {
  readonly team: LoadTeam;
  readonly service: Served;
  /** Of an answer under load, on average. */
  readonly answerBytes: number;
  close(): Promise<void>;
}

export interface Stage extends ServiceStage {
  readonly yardstick: Served;
}

/** Both servers. The yardstick's answers are as long as the service's are on average under this load. */
export async function openStage(settings: BenchSettings): Promise<Stage> {
  const stage = await openService(settings);
  const { cores, ...rest } = settings;
  const yardstick = await serveYardstick({ ...rest, pinning: cores.server }, stage.answerBytes);
  for (const side of ['constant', 'together'] as const) await warmUp(stage.team, side, yardstick, settings.scale);
  const close = async () => {
    await stage.close();
    await yardstick.child.stop();
  };
  return { ...stage, yardstick, close };
}

/** The Trusted Service alone. */
export async function openService({ cores, scale, ...rest }: BenchSettings): Promise<ServiceStage> {
  const service = await serveTrustedService({ ...rest, pinning: cores.server });
  const team = new LoadTeam(cores.loaders, cores.load, rest.signal);
  const close = async () => {
    await team.stop();
    await service.child.stop();
  };
  const { answerBytes, latenciesMs } = await warmUp(team, 'service', service, scale);
  return { team, service, answerBytes: Math.round(answerBytes / latenciesMs.length), close };
}

async function warmUp(team: LoadTeam, side: Side, { url, rootPem }: Served, scale: number) {
  const target = { name: side, url: `${url}${SIDES[side].path}`, ca: rootPem, connections: CONNECTIONS };
  await team.open({ ...target, bodies: prepareRequests(REQUESTS), mark: FIRST_OF_BATCH });
  return team.run(side, WARM_UP_MS * scale);
}
