/** What each message makes of the screen. Pure: no clock, no network, no terminal; what has to be done comes out as effects. */
import { promptOf } from '../prompt/prompt.ts';
import { keyPressed } from './keys.ts';
import { type Reading, type ScreenMessage, type Step, step } from './message.ts';
import type { ScreenState } from './screen-state.ts';
import { speakOfStandings } from './standings.ts';
import { answered, audited, progressed } from './submit.ts';
import { told, withProof } from './told.ts';

/** The next state, and what the rim has to do. */
export function update(state: ScreenState, message: ScreenMessage): Step {
  switch (message.type) {
    case 'read':
      return read(state, message.reading);
    case 'key':
      return keyPressed(state, message.key);
    case 'resized':
      return step({ ...state, size: message.size });
    case 'told':
      return told(state, message.fact);
    case 'progress':
      return step(progressed(state, message.number, message.stage));
    case 'audited':
      return step(audited(state, message.number, message.records));
    case 'answered':
      return answered(state, message.number, message.fact);
    case 'latency':
      return step(
        state.connection.kind === 'up' ? { ...state, connection: { kind: 'up', latencyMs: message.ms } } : state,
      );
    case 'proof':
      return step(withProof(state, message.position, message.proof));
    case 'history':
      return step({ ...state, prompt: promptOf(state.prompt.text, message.lines) });
  }
}

function read(state: ScreenState, { moment, model, certificateEndsAt }: Reading): Step {
  const { flash, ...rest } = state;
  const isOver = flash !== undefined && moment.monotonic >= flash.until;
  const next: ScreenState = {
    ...rest,
    moment,
    ...(isOver || flash === undefined ? {} : { flash }),
    ...(certificateEndsAt === undefined ? {} : { certificateEndsAt }),
  };
  return model === state.model ? step(next) : speakOfStandings({ ...next, model }, state.model);
}
