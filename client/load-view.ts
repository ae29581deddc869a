/** The bundle of the screen, as the module that it was made from. */
import { ClientError } from './client-error.ts';
import type { openTerminalView, restoreTerminal } from './view/terminal-view.tsx';

/** What client/view/terminal-view.tsx exports. */
export interface ViewModule {
  readonly openTerminalView: typeof openTerminalView;
  readonly restoreTerminal: typeof restoreTerminal;
}

const BUNDLE = new URL('../build/terminal-view.js', import.meta.url);

/** Throws `screen-not-built`. Colours must be settled before: Ink decides about them when it is read. */
export async function loadView(bundle: URL = BUNDLE): Promise<ViewModule> {
  try {
    return (await import(bundle.href)) as ViewModule;
  } catch (cause) {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND';
    throw isMissing ? new ClientError('screen-not-built', undefined, { cause }) : cause;
  }
}
