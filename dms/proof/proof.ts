/** What makes the journal prove itself, put together: checkpoints, their witness, receipts, and the public log. */
import type { Certificate } from '../../shared/pki/verify-certificate.ts';
import { createLogRoutes, type LogRoute, type LogRoutesParts } from '../gateway/log-routes.ts';
import { CheckpointDesk, type CheckpointDeskParts } from './checkpoint-desk.ts';
import { ReceiptDesk } from './receipt-desk.ts';
import { WitnessDesk, type WitnessDeskParts } from './witness-desk.ts';

export interface ProofParts extends Pick<CheckpointDeskParts, 'node' | 'time'>, Pick<WitnessDeskParts, 'service'> {
  readonly house: CheckpointDeskParts['house'] & WitnessDeskParts['house'] & LogRoutesParts['house'];
  readonly keyring: { readonly root: Certificate };
}

export interface Proof {
  readonly receipts: ReceiptDesk;
  readonly witness: WitnessDesk;
  readonly routes: ReadonlyMap<string, LogRoute>;
}

export function createProof({ house, node, time, service, keyring }: ProofParts): Proof {
  const checkpoints = new CheckpointDesk({ house, node, time });
  const witness = new WitnessDesk({ house, checkpoints, service, root: keyring.root });
  const receipts = new ReceiptDesk({ house, checkpoints, witnessed: () => witness.newest });
  return { receipts, witness, routes: createLogRoutes({ house, checkpoints, witness }) };
}
