import type DataLoader from 'dataloader';
import type { Response } from 'express';
import type { ImageId } from '../domain/image-id.ts';
import type { CdnTarget, ImageAccess } from './cdn-signer.ts';
import type { ImageRecord } from './image-records.ts';
import type { Logger } from './logger.ts';

/** What belongs to one request, GraphQL and REST alike. `app/context.ts` makes it. */
export interface RequestContext {
  readonly requestId: string;
  readonly logger: Logger;
  readonly loaders: {
    /** Null where there is no such image. One query for all that are asked for in a tick. */
    readonly image: DataLoader<ImageId, ImageRecord | null>;
    /** Signed CDN URLs, together for all that are asked for in a tick. */
    readonly access: DataLoader<CdnTarget, ImageAccess>;
  };
}

/** The context that the request-context middleware has put there. */
export function contextOf(response: Response): RequestContext {
  return response.locals.context as RequestContext;
}
