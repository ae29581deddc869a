/** The client's reach as a bundler for browsers sees it: nothing of Node. The doors that have a twin are in package.json, `imports`. */
import rules from './.dependency-cruiser.mjs';

const { enhancedResolveOptions } = rules.options;

export default {
  forbidden: [
    {
      name: 'client-runs-anywhere',
      comment: 'A browser can import the client: what needs Node is behind #platform or #private-files.',
      severity: 'error',
      from: { path: '^(client|shared)/' },
      to: { dependencyTypes: ['core'] },
    },
  ],
  options: {
    ...rules.options,
    enhancedResolveOptions: { ...enhancedResolveOptions, conditionNames: ['browser', 'import', 'default', 'types'] },
  },
};
