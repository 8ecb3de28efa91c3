import { useLayoutEffect, useRef } from 'react';
import { Icon } from './icons.tsx';

/** Covers the page, the lightbox too, while files are dragged over it. The drop goes to the window. */
export function DropZone() {
  const zone = useRef<HTMLDivElement>(null);
  // The top layer is above an open dialog.
  useLayoutEffect(() => zone.current?.showPopover(), []);
  return (
    <div ref={zone} popover="manual" className="drop-zone">
      <div className="drop-zone-frame">
        <Icon name="upload" />
        <p className="drop-zone-title">Drop to upload</p>
        <p>JPEG, PNG, WebP, AVIF and GIF pictures, as many as you like</p>
      </div>
    </div>
  );
}
