import type { CodegenConfig } from '@graphql-codegen/cli';

const config: CodegenConfig = {
  schema: 'schema.graphql',
  silent: true,
  ignoreNoDocuments: true,
  importExtension: '.ts',
  generates: {
    // Typed documents of the page, which knows nothing of the service but its schema.
    'src/generated/gallery/': {
      preset: 'client',
      documents: ['src/gallery-ui/**/*.graphql.ts'],
      presetConfig: { fragmentMasking: false },
      config: {
        useTypeImports: true,
        enumsAsTypes: true,
        documentMode: 'string',
        scalars: { ID: 'string', DateTime: 'string', SafeInt: 'number', URL: 'string' },
      },
    },
    'src/generated/graphql.ts': {
      plugins: ['typescript', 'typescript-resolvers'],
      config: {
        useTypeImports: true,
        contextType: '../shared/request-context.ts#RequestContext',
        enumValues: {
          // The values inside the service.
          ImageStatus: { PENDING: 'pending', READY: 'ready', FAILED: 'failed' },
          ImageOrder: { NEWEST: 'newest', OLDEST: 'oldest' },
          FormatAuditStatus: {
            PENDING: 'pending',
            RUNNING: 'running',
            COMPLETED: 'completed',
            FAILED: 'failed',
            CANCELLED: 'cancelled',
          },
        },
        mappers: {
          Image: '../shared/image-records.ts#ImageRecord',
          ImageConnection: '../features/gallery/list-images.ts#ImagePage',
          PageInfo: '../domain/page.ts#PageEnds',
          WishlistItem: '../shared/wishlist-items.ts#WishlistItem as StoredWishlistItem',
          FormatAuditJob: '../shared/format-audit-jobs.ts#FormatAuditJob as StoredAuditJob',
          FormatAuditStats: '../domain/format-audit.ts#AuditStats',
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
