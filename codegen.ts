import type { CodegenConfig } from '@graphql-codegen/cli';

const config: CodegenConfig = {
  schema: 'schema.graphql',
  silent: true,
  generates: {
    'src/generated/graphql.ts': {
      plugins: ['typescript', 'typescript-resolvers'],
      config: {
        useTypeImports: true,
        contextType: '../shared/request-context.ts#RequestContext',
        enumValues: {
          // The values inside the service, as in domain/image-status.ts.
          ImageStatus: { PENDING: 'pending', READY: 'ready', FAILED: 'failed' },
        },
        mappers: {
          Image: '../shared/image-records.ts#ImageRecord',
          Node: '../shared/image-records.ts#ImageRecord',
        },
        enumsAsTypes: true,
        avoidOptionals: { field: true },
        maybeValue: 'T | null',
        inputMaybeValue: 'T | null | undefined',
        scalars: {
          ID: { input: 'string', output: 'string' },
          DateTime: { input: 'Date', output: 'Date' },
          SafeInt: 'number',
          URL: { input: 'URL', output: 'string' },
        },
      },
    },
  },
};

export default config;
