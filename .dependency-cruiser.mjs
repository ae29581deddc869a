/** Who may import whom. README.md says the same in words. */

/** Each dangerous package, and the one file that opens it. */
const DOORS = {
  jose: '^shared/crypto/compact-jws\\.ts$',
  undici: '^shared/platform/node/http-exchange\\.ts$',
  canonicalize: '^shared/canonical-json\\.ts$',
  eciesjs: '^shared/crypto/ecies-box\\.ts$',
  '@noble/curves': '^(client/sealing/p256-signer|shared/platform/web/p256)\\.ts$',
  '@noble/hashes': '^shared/platform/web/(sha256|argon2id)\\.ts$',
  '@noble/ciphers': '^shared/platform/web/aes-gcm\\.ts$',
  'socket.io': '^dms/gateway/socket-gateway\\.ts$',
  'socket.io-client': '^client/connection/dms-socket\\.ts$',
  commander: '^gavel\\.ts$',
  express: '^trusted-service/http/serve-routes\\.ts$',
  helmet: '^trusted-service/http/serve-routes\\.ts$',
  'prom-client': '^trusted-service/metrics/metrics\\.ts$',
  'swagger-ui-dist': '^trusted-service/web/docs-page\\.ts$',
  pg: '^dms/journal/postgres-connection\\.ts$',
  ink: '^client/view/',
  react: '^client/view/',
};

const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

export default {
  forbidden: [
    forbid(
      'no-circular',
      'A circle has no first thing to read.',
      {},
      { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    ),
    forbid(
      'shared-knows-no-program',
      'What two programs agree on knows neither.',
      { path: '^shared/' },
      { path: '^(dms|trusted-service|client|start|gavel)[/.]' },
    ),
    forbid(
      'programs-meet-on-the-wire',
      'Programs never import each other.',
      { path: '^(dms|trusted-service|client)/' },
      { path: '^(dms|trusted-service|client|start|gavel)[/.]', pathNot: '^$1/' },
    ),
    forbid(
      'start-runs-servers-as-processes',
      'The whole house starts servers as anybody would; it imports the client alone.',
      { path: '^start[/.]' },
      { path: '^(dms|trusted-service)/' },
    ),
    forbid(
      'rules-are-pure',
      'The rules import the words of the wire and nothing else.',
      { path: '^dms/auction/' },
      { pathNot: '^(dms/auction/|shared/wire/|shared/(brand|invariant)\\.ts$)' },
    ),
    forbid(
      'auditor-has-rules-of-its-own',
      'Who checks the rules shares none of them: the words of the wire, and nothing that runs.',
      { path: '^client/audit/(finding|audited-lot|lot-book)\\.ts$' },
      {
        pathNot: '^(client/audit/(finding|audited-lot|lot-book)\\.ts$|shared/wire/|shared/invariant\\.ts$)',
        dependencyTypesNot: ['type-only'],
      },
    ),
    forbid(
      'letters-are-pure',
      'Who may learn what is decided without IO.',
      { path: '^dms/publication/(letters|announcement-log)\\.ts$' },
      { dependencyTypesNot: ['local', 'type-only'] },
    ),
    forbid(
      'store-and-commands-are-pure',
      'What the client knows and what its user typed are plain values.',
      { path: '^client/(store|commands)/' },
      { dependencyTypes: ['npm', 'npm-dev', 'core'] },
    ),
    forbid(
      'workload-is-pure',
      'The same seed makes the same auction, in a bot, a bench or a simulation.',
      { path: '^client/bots/workload/' },
      { pathNot: '^client/bots/workload/' },
    ),
    forbid(
      'screen-is-pure',
      'What the screen shows follows from its state alone.',
      { path: '^client/screen/' },
      { dependencyTypes: ['npm', 'npm-dev', 'core'] },
    ),
    forbid(
      'view-only-draws',
      'The view knows frames and keys, and no auction.',
      { path: '^client/view/' },
      { path: '^(client|shared)/', pathNot: '^client/(view/|screen/(frame|key-of)\\.ts$|prompt/key-press\\.ts$)' },
    ),
    forbid(
      'view-comes-as-a-bundle',
      'Node can not read the view itself: it is loaded from build/.',
      { pathNot: '^(client/view|test)/' },
      { path: '^client/view/', dependencyTypesNot: ['type-only'] },
    ),
    forbid(
      'prompt-is-pure',
      'A key and the world make the next prompt; ranking and the width of text have one door each.',
      { path: '^client/prompt/', pathNot: '^client/prompt/(rank|graphemes)\\.ts$' },
      { dependencyTypes: ['npm', 'npm-dev', 'core'] },
    ),
    forbid(
      'gateway-knows-no-rules',
      'The gateway carries; it does not judge.',
      { path: '^dms/gateway/' },
      { path: '^dms/auction/(decide|evolve)\\.ts$' },
    ),
    forbid(
      'no-dev-dependency',
      'What runs is installed without the development tools.',
      { path: '^(shared|dms|trusted-service|client|start|gavel)[/.]' },
      { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    ),
    forbid('bench-is-a-leaf', 'No program needs to be measured.', { pathNot: '^(bench|test)/' }, { path: '^bench/' }),
    forbid('tests-are-leaves', 'No program needs its tests.', { pathNot: '^test/' }, { path: '^test/' }),
    ...Object.entries(DOORS).map(([name, door]) =>
      forbid(
        `one-door-${name.replace(/[^a-z]+/g, '-')}`,
        'One file knows this package.',
        { path: '^(shared|dms|trusted-service|client|start|gavel)[/.]', pathNot: door },
        { path: `^node_modules/${name}/`, dependencyTypesNot: ['type-only'] },
      ),
    ),
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
