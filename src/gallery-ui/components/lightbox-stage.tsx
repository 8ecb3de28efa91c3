import { useLayoutEffect, useRef } from 'react';
import { useElementSize } from '../hooks/use-element-size.ts';
import type { PictureLoad } from '../hooks/use-picture.ts';
import { useSwipe } from '../hooks/use-swipe.ts';
import type { GalleryImage, Tile } from '../model.ts';
import { fitInside } from '../view/grid-layout.ts';
import { placeholderUrl } from '../view/placeholder.ts';

interface LightboxStageProps {
  tile: Tile;
  image: GalleryImage;
  picture: PictureLoad;
  zoomed: boolean;
  onZoom: (zoomed: boolean) => void;
  onSwipe: (step: 1 | -1) => void;
}

/** The picture, whole or at its actual size; until its bytes are there, what is known of it. */
export function LightboxStage(props: LightboxStageProps) {
  const { tile, image, picture, zoomed, onZoom, onSwipe } = props;
  const stage = useRef<HTMLDivElement>(null);
  const space = useElementSize(stage);
  const clicked = useRef({ x: 0.5, y: 0.5 });
  const swipe = useSwipe(zoomed ? undefined : onSwipe);

  const actual = { width: image.width ?? space.width, height: image.height ?? space.height };
  const size = zoomed ? actual : fitInside(actual, space);
  const below =
    tile.thumbnail?.url ?? (image.thumbhash ? placeholderUrl(image.thumbhash) : tile.previewUrl);

  useLayoutEffect(() => {
    const element = stage.current;
    if (element && zoomed) {
      // What was clicked on comes to the middle.
      element.scrollLeft = clicked.current.x * element.scrollWidth - element.clientWidth / 2;
      element.scrollTop = clicked.current.y * element.scrollHeight - element.clientHeight / 2;
      clicked.current = { x: 0.5, y: 0.5 };
      // Whoever enlarges with a key goes on with the arrow keys.
      element.focus({ preventScroll: true });
    }
  }, [zoomed]);

  return (
    <div
      ref={stage}
      className="lightbox-stage"
      data-zoomed={zoomed}
      // So that the arrow keys can scroll it.
      {...(zoomed ? { tabIndex: 0, role: 'region', 'aria-label': 'Enlarged picture' } : {})}
      {...swipe}
    >
      {picture.problem === null ? (
        <button
          type="button"
          className="lightbox-picture"
          tabIndex={-1}
          aria-label={zoomed ? `${tile.fileName}: fit to screen` : `${tile.fileName}: actual size`}
          data-tiny={size.width > actual.width * 1.5}
          style={size}
          onClick={(event) => {
            const box = event.currentTarget.getBoundingClientRect();
            clicked.current = {
              x: (event.clientX - box.left) / box.width,
              y: (event.clientY - box.top) / box.height,
            };
            onZoom(!zoomed);
          }}
        >
          {below !== null && !picture.loaded && <img src={below} alt="" draggable={false} />}
          {picture.access !== null && (
            <img
              key={picture.attempt}
              src={picture.access.url}
              alt={tile.fileName}
              draggable={false}
              className="full"
              data-loaded={picture.loaded}
              onLoad={picture.onLoad}
              onError={picture.onError}
            />
          )}
        </button>
      ) : (
        <div className="lightbox-problem" role="alert">
          <p>{picture.problem}</p>
          <button type="button" className="button" onClick={picture.tryAgain}>
            Try again
          </button>
        </div>
      )}
      {!picture.loaded && picture.problem === null && (
        <span className="lightbox-loading" role="status" aria-label="Loading picture" />
      )}
    </div>
  );
}
