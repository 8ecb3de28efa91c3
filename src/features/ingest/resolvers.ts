import { DomainError, type DomainErrorCode } from '../../domain/domain-error.ts';
import type { MutationResolvers, UserErrorCode } from '../../generated/graphql.ts';
import type { CreateIngestUrl } from './create-ingest-url.ts';

/** The refusals that are `userErrors`; anything else is a top-level error. */
const USER_ERRORS: Partial<Record<DomainErrorCode, UserErrorCode>> = {
  UNSUPPORTED_CONTENT_TYPE: 'UNSUPPORTED_CONTENT_TYPE',
  INVALID_FILE_NAME: 'INVALID_FILE_NAME',
  INVALID_CONTENT_LENGTH: 'INVALID_CONTENT_LENGTH',
};

export function makeIngestResolvers(createIngestUrl: CreateIngestUrl): {
  Mutation: Pick<MutationResolvers, 'createImageIngestUrl'>;
} {
  return {
    Mutation: {
      async createImageIngestUrl(_parent, { input }) {
        try {
          const { image, upload } = await createIngestUrl({
            contentType: input.contentType,
            fileName: input.fileName,
            contentLength: input.contentLength ?? undefined,
            overwriteProtected: input.overwriteProtected ?? undefined,
          });
          return {
            image,
            uploadUrl: upload.url,
            uploadHeaders: upload.headers,
            expiresAt: upload.expiresAt,
            userErrors: [],
          };
        } catch (error) {
          const code = error instanceof DomainError && USER_ERRORS[error.code];
          if (!code) throw error;
          const userError = { code, message: error.message, field: error.field ?? null };
          return {
            image: null,
            uploadUrl: null,
            uploadHeaders: null,
            expiresAt: null,
            userErrors: [userError],
          };
        }
      },
    },
  };
}
