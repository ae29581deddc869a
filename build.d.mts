/** Types of build.mjs. */
export function buildScreen(): Promise<boolean>;
