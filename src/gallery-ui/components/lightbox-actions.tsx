import { useState } from 'react';
import type { Access, Gallery, Tile } from '../model.ts';
import { savePicture } from '../view/save-picture.ts';
import { lifetimeInWords } from '../view/words.ts';
import { IconButton } from './icon-button.tsx';
import { Icon } from './icons.tsx';

interface LightboxActionsProps {
  gallery: Gallery;
  tile: Tile;
  /** Null while it is asked for. */
  access: Access | null;
  zoomed: boolean;
  onZoom: (zoomed: boolean) => void;
  showDetails: boolean;
  onShowDetails: (show: boolean) => void;
  onRemove: () => void;
  notify: (text: string) => void;
}

export function LightboxActions(props: LightboxActionsProps) {
  const { gallery, tile, access, zoomed, onZoom, showDetails, onShowDetails, onRemove, notify } =
    props;
  const [shownLink, setShownLink] = useState<{ key: string; url: string } | null>(null);

  const withAccess = async (action: (access: Access) => Promise<void>) => {
    try {
      await action(await gallery.access(tile.key));
    } catch (error) {
      notify(error instanceof Error ? error.message : 'That did not work. Please try again.');
    }
  };
  const copyLink = () =>
    withAccess(async ({ url, expiresAt }) => {
      const lifetime = lifetimeInWords(expiresAt - Date.now(), Date.now());
      try {
        await navigator.clipboard.writeText(url);
        notify(`Link copied. Anyone can open it ${lifetime}.`);
      } catch {
        // Not allowed, or not on a secure page: shown, to be copied by hand.
        setShownLink({ key: tile.key, url });
        notify(`Copy the link below. Anyone can open it ${lifetime}.`);
      }
    });
  const save = () =>
    withAccess(async ({ url }) => {
      if (!(await savePicture(url, tile.fileName))) {
        window.open(url, '_blank', 'noopener,noreferrer');
        notify('The picture is open in a new tab: save it from there.');
      }
    });

  return (
    <div className="lightbox-actions">
      <IconButton
        icon={zoomed ? 'fit' : 'zoom'}
        label={zoomed ? 'Fit to screen' : 'Actual size'}
        onClick={() => onZoom(!zoomed)}
      />
      <IconButton
        icon="info"
        label="Details"
        aria-expanded={showDetails}
        onClick={() => onShowDetails(!showDetails)}
      />
      <IconButton icon="link" label="Copy link" onClick={copyLink} />
      <IconButton icon="download" label="Download" onClick={save} />
      {access !== null && (
        <a
          className="icon-button"
          href={access.url}
          target="_blank"
          rel="noopener noreferrer"
          aria-label="Open in new tab"
          title="Open in new tab"
          onClick={(event) => {
            // The link may be older than its URL is good for.
            event.preventDefault();
            void withAccess(async ({ url }) => {
              window.open(url, '_blank', 'noopener,noreferrer');
            });
          }}
        >
          <Icon name="open" />
        </a>
      )}
      <IconButton icon="trash" label="Delete" onClick={onRemove} />
      {shownLink?.key === tile.key && (
        <input
          className="shown-link"
          aria-label="Link to the picture"
          readOnly
          value={shownLink.url}
          onFocus={(event) => event.target.select()}
        />
      )}
    </div>
  );
}
