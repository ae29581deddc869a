/** A quick look from outside: whether something will be asked at the terminal before anybody is let in. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Environment, given, homeDirectory } from '../environment.ts';
import type { ClientOptions } from '../options.ts';

/** What is known of a house and of a home before anything is asked. */
export interface KnownWay {
  readonly house: {
    readonly trustedServiceUrl?: string | undefined;
    readonly dmsUrl?: string | undefined;
    readonly root?: unknown;
  };
  readonly identity: { readonly credentials?: unknown; readonly username?: string | undefined } | undefined;
  readonly username: string | undefined;
}

/** Whether it takes no question to find the house and to be enrolled there. */
export function isEnough({ house, identity, username }: KnownWay): boolean {
  const { trustedServiceUrl, dmsUrl, root } = house;
  if (trustedServiceUrl === undefined || dmsUrl === undefined) return false;
  return identity?.credentials !== undefined || (root !== undefined && (username ?? identity?.username) !== undefined);
}

/**
 * Looks at what lies there without reading it through: the door does that later, and says what is wrong with it. So this
 * is good for one thing alone: whether a screen may be opened at once, or would only hide the questions.
 */
export function asksFirst(options: ClientOptions, env: Environment): boolean {
  const directory = homeDirectory(options, env);
  const identity = glimpse(join(directory, 'identity.json'));
  const isLocked = identity !== undefined && identity.secrets?.protection !== 'none';
  if (options.passphrase === true || (isLocked && options.passphraseFile === undefined)) return true;
  // They were kept together.
  const kept = existsSync(join(directory, 'settings.json')) ? 'kept' : undefined;
  const house = {
    trustedServiceUrl: options.trustedServiceUrl ?? given(env, 'GAVEL_TRUSTED_SERVICE_URL') ?? kept,
    dmsUrl: options.dmsUrl ?? given(env, 'GAVEL_DMS_URL') ?? kept,
    root: options.root ?? given(env, 'GAVEL_ROOT') ?? kept,
  };
  return !isEnough({ house, identity, username: options.username ?? given(env, 'GAVEL_USERNAME') });
}

interface Glimpsed {
  readonly username?: string;
  readonly credentials?: unknown;
  readonly secrets?: { readonly protection?: string };
}

function glimpse(path: string): Glimpsed | undefined {
  try {
    const found: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return typeof found === 'object' && found !== null ? found : undefined;
  } catch {
    // There is none, or not one that can be read: whoever opens the home says so.
    return undefined;
  }
}
