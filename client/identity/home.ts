/** Where a participant's home is: the one door of `env-paths`. */
import { join } from 'node:path';
import envPaths from 'env-paths';

/** `$GAVEL_HOME/client`; without it, the platform's directory for a user's data (XDG on Linux). */
export function clientHome(gavelHome: string | undefined): string {
  return join(gavelHome ?? envPaths('gavel', { suffix: '' }).data, 'client');
}
