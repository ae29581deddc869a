#!/usr/bin/env node
/**
 * Where the command line begins: remembers what Node makes of the sources, so that it strips their types and compiles them once
 * and not at every start. What is kept belongs to one version of Node and one user, and counts only for sources of the same
 * bytes. It is beside the sources, and not where temporary files are, because who can write there can choose what is run.
 * Where it can not be written, everything is as quick as without.
 */
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

enableCompileCache(fileURLToPath(new URL('build/compile-cache', import.meta.url)));
await import('./gavel.ts');
