/** What is compared, and where each side answers. */
import { PATHS } from '../../shared/wire/http-endpoints.ts';

/** Where the yardstick answers everybody of one turn of its event loop together. */
export const TOGETHER_PATH = '/together';

/** The Trusted Service, and the two ways in which the yardstick answers. */
export const SIDES = {
  service: { path: PATHS.timestamp, name: 'timestamps' },
  constant: { path: PATHS.timestamp, name: 'constant body' },
  together: { path: TOGETHER_PATH, name: 'constant body, in bunches' },
} as const;

export type Side = keyof typeof SIDES;
