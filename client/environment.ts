/** What the environment says, and where the home is: little, so that who needs no more reads no more. */
import { clientHome } from './identity/home.ts';
import type { ClientOptions } from './options.ts';

/** Environment variables, as the program was given them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A variable that is set to nothing is not set. */
export function given(env: Environment, variable: string): string | undefined {
  return env[variable] === '' ? undefined : env[variable];
}

/** Where this participant's home is. */
export function homeDirectory({ home }: Pick<ClientOptions, 'home'>, env: Environment): string {
  return clientHome(home ?? given(env, 'GAVEL_HOME'));
}
