/** The program, for tests that need a process: settings come from the environment. */
import { main } from '../../trusted-service/main.ts';

await main({}, process.env);
