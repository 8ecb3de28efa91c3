import { DomainError, type DomainErrorCode } from '../../domain/domain-error.ts';
import type { MutationResolvers, UserErrorCode } from '../../generated/graphql.ts';
import type { DeleteImages } from './delete-images.ts';

/** The refusals that are `userErrors`; anything else is a top-level error. */
const USER_ERRORS: Partial<Record<DomainErrorCode, UserErrorCode>> = {
  EMPTY_ID_LIST: 'EMPTY_ID_LIST',
  TOO_MANY_IDS: 'TOO_MANY_IDS',
};

export interface DeletionResolverDeps {
  deleteImages: DeleteImages;
}

export function makeDeletionResolvers({ deleteImages }: DeletionResolverDeps): {
  Mutation: Pick<MutationResolvers, 'deleteImages'>;
} {
  return {
    Mutation: {
      async deleteImages(_parent, { ids }, { logger }) {
        try {
          const { deleted, notFound } = await deleteImages(ids, logger);
          return { deletedIds: deleted, notFoundIds: notFound, userErrors: [] };
        } catch (error) {
          const code = error instanceof DomainError && USER_ERRORS[error.code];
          if (!code) throw error;
          const { message, field = null } = error;
          return { deletedIds: [], notFoundIds: [], userErrors: [{ code, message, field }] };
        }
      },
    },
  };
}
