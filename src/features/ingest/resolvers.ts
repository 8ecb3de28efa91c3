import { DomainError, type DomainErrorCode } from '../../domain/domain-error.ts';
import type { MutationResolvers, UserError, UserErrorCode } from '../../generated/graphql.ts';
import type { CreateIngestForm } from './create-ingest-form.ts';
import type { CreateIngestUrl } from './create-ingest-url.ts';

/** The refusals that are `userErrors`; anything else is a top-level error. */
const USER_ERRORS: Partial<Record<DomainErrorCode, UserErrorCode>> = {
  UNSUPPORTED_CONTENT_TYPE: 'UNSUPPORTED_CONTENT_TYPE',
  INVALID_FILE_NAME: 'INVALID_FILE_NAME',
  INVALID_CONTENT_LENGTH: 'INVALID_CONTENT_LENGTH',
};

const NO_URL = { image: null, uploadUrl: null, uploadHeaders: null, expiresAt: null };
const NO_FORM = {
  image: null,
  uploadUrl: null,
  formFields: null,
  expiresAt: null,
  maxSizeBytes: null,
};

export interface IngestResolverDeps {
  createIngestUrl: CreateIngestUrl;
  createIngestForm: CreateIngestForm;
}

export function makeIngestResolvers({ createIngestUrl, createIngestForm }: IngestResolverDeps): {
  Mutation: Pick<MutationResolvers, 'createImageIngestUrl' | 'createImageIngestForm'>;
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
          return { ...NO_URL, userErrors: [toUserError(error)] };
        }
      },

      async createImageIngestForm(_parent, { input }) {
        try {
          const { image, form, maxSizeBytes } = await createIngestForm(input);
          return {
            image,
            uploadUrl: form.url,
            formFields: form.fields,
            expiresAt: form.expiresAt,
            maxSizeBytes,
            userErrors: [],
          };
        } catch (error) {
          return { ...NO_FORM, userErrors: [toUserError(error)] };
        }
      },
    },
  };
}

/** Throws what is no user error on. */
function toUserError(error: unknown): UserError {
  const code = error instanceof DomainError && USER_ERRORS[error.code];
  if (!code) throw error;
  return { code, message: error.message, field: error.field ?? null };
}
