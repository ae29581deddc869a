/**
 * Bundles what draws the screen of the terminal client, if it is not there yet or its sources have changed. Node runs
 * every other file as it is; it refuses `.tsx`, and React for production starts in a third of the time.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const project = new URL('./', import.meta.url);
const bundle = new URL('build/terminal-view.js', project);
const stamp = new URL('build/terminal-view.json', project);
/** Ink asks for its development tools by name, and never gets them here. */
const NO_DEVTOOLS = {
  name: 'no-devtools',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^react-devtools-core$/ }, ({ path }) => ({ path, namespace: 'no-devtools' }));
    onLoad({ filter: /.*/, namespace: 'no-devtools' }, () => ({ contents: 'export default undefined;' }));
  },
};

/** Whether the bundle is the one that the sources make now. */
function isFresh() {
  if (!existsSync(bundle) || !existsSync(stamp)) return false;
  const { inputs } = JSON.parse(readFileSync(stamp, 'utf8'));
  return Object.entries(inputs).every(([path, digest]) => digestOf(path) === digest);
}

function digestOf(path) {
  const file = new URL(path, project);
  return existsSync(file) ? createHash('sha256').update(readFileSync(file)).digest('hex') : undefined;
}

/** Makes the bundle unless it is fresh. Resolves with whether there was something to do. */
export async function buildScreen() {
  if (isFresh()) return false;
  const { build } = await import('esbuild');
  const { metafile, outputFiles } = await build({
    absWorkingDir: fileURLToPath(project),
    entryPoints: ['client/view/terminal-view.tsx'],
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    jsx: 'automatic',
    legalComments: 'none',
    define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"' },
    banner: { js: "import { createRequire } from 'node:module';const require = createRequire(import.meta.url);" },
    plugins: [NO_DEVTOOLS],
    logLevel: 'warning',
  });
  // Of the packages the lock file says which they are; this file says how they are put together.
  const sources = Object.keys(metafile.inputs).filter((path) => path.startsWith('client/'));
  const inputs = Object.fromEntries(
    [...sources, 'package-lock.json', 'build.mjs'].map((path) => [path, digestOf(path)]),
  );
  mkdirSync(new URL('build/', project), { recursive: true });
  replace(bundle, outputFiles[0].contents);
  replace(stamp, JSON.stringify({ inputs }, undefined, 2));
  return true;
}

/** Whoever reads it at the same time sees the one or the other. */
function replace(file, contents) {
  const draft = new URL(`${file.href}.${process.pid}`);
  writeFileSync(draft, contents);
  renameSync(draft, file);
}

// Older Nodes do not know `import.meta.main`.
if (process.argv[1] === fileURLToPath(import.meta.url)) await buildScreen();
