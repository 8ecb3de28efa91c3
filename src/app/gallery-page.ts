import { createHash } from 'node:crypto';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Request, type RequestHandler, type Response, Router } from 'express';
import { HttpError, methodNotAllowed } from '../shared/http.ts';
import type { Logger } from '../shared/logger.ts';
import { ENCODINGS, type Encoding, type PageFile, readPageFiles } from './gallery-page-files.ts';
import { type PageSources, pageHeaders } from './gallery-page-headers.ts';

/** The same from src/app and from dist/app. */
const BUILT_PAGE = fileURLToPath(new URL('../../dist/gallery-ui', import.meta.url));

const INDEX = '/index.html';
const ASSETS = '/assets/:file';
const A_YEAR_SECS = 31_536_000;

const READS = ['GET', 'HEAD'];
const wrongMethod = methodNotAllowed(...READS);

export interface GalleryPageOptions {
  sources: PageSources;
  /** Where `vite build` has left the page, unless it is the usual place. */
  directory?: string | undefined;
  logger: Logger;
}

/**
 * The gallery's page at `/`, with its assets. Read once: a page that was built later is served by
 * the next start. What is no file of the page is left to others.
 */
export async function makeGalleryPage(options: GalleryPageOptions): Promise<Router> {
  const { sources, directory = BUILT_PAGE, logger } = options;
  const router = Router({ caseSensitive: true, strict: true });
  const files = await readPageFiles(directory);
  const index = files.get(INDEX);
  if (!index) {
    logger.warn({ directory }, 'gallery.not_built');
    router.all('/', notBuilt);
    return router;
  }
  const headers = pageHeaders(sources);
  const send = (file: PageFile, name: string): RequestHandler => {
    const tag = etagOf(file, headers);
    return (request, response) => {
      response.set(headers);
      sendFile(request, response, { file, name, tag });
    };
  };
  const serve = (route: string, handler: RequestHandler) =>
    router.route(route).get(handler).all(wrongMethod);

  serve('/', send(index, INDEX));
  const assets = new Map<string, RequestHandler>();
  for (const [name, file] of files) {
    if (file.immutable) assets.set(path.basename(name), send(file, name));
    else if (name !== INDEX) serve(escapeRoute(name), send(file, name));
  }
  // One route for all of them: in metrics each build would leave its names behind.
  router.all<{ file: string }>(ASSETS, (request, response, next) => {
    const asset = assets.get(request.params.file);
    if (!asset) next();
    else if (READS.includes(request.method)) asset(request, response, next);
    else wrongMethod(request, response, next);
  });
  return router;
}

const notBuilt: RequestHandler = () => {
  throw new HttpError(
    404,
    'GALLERY_NOT_BUILT',
    'the gallery page has not been built; npm run build:gallery builds it for the next start',
  );
};

/**
 * Changes with the headers too: a browser that revalidates keeps the policy it has, or takes the
 * new one, as it likes, and an old one would keep the page from an S3 or CDN that has moved.
 */
function etagOf({ hash }: PageFile, headers: Record<string, string>): string {
  const all = createHash('sha256').update(hash).update(JSON.stringify(headers));
  return all.digest('base64url').slice(0, 22);
}

function sendFile(
  request: Request,
  response: Response,
  { file, name, tag }: { file: PageFile; name: string; tag: string },
): void {
  const encoding = encodingFor(request, file);
  response.set({
    'Cache-Control': file.immutable ? `public, max-age=${A_YEAR_SECS}, immutable` : 'no-cache',
    // Each encoding is a representation of its own.
    ETag: encoding ? `"${tag}-${encoding}"` : `"${tag}"`,
  });
  response.vary('Accept-Encoding');
  response.type(path.extname(name));
  if (encoding) response.set('Content-Encoding', encoding);
  // Answers HEAD and If-None-Match, too.
  response.send(encoding ? file.encoded.get(encoding) : file.body);
}

function encodingFor(request: Request, { encoded }: PageFile): Encoding | undefined {
  const known = Object.keys(ENCODINGS) as Encoding[];
  return known.find((encoding) => encoded.has(encoding) && request.acceptsEncodings(encoding));
}

/** Routes are patterns of encoded paths; file names are neither. */
function escapeRoute(name: string): string {
  return encodeURI(name).replace(/[{}()[\]+?!:*\\]/g, '\\$&');
}
