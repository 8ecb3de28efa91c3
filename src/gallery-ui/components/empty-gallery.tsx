import { FilePicker } from './file-picker.tsx';
import { Icon } from './icons.tsx';

interface EmptyGalleryProps {
  filtered: boolean;
  onClear: () => void;
  onFiles: (files: File[]) => void;
}

export function EmptyGallery({ filtered, onClear, onFiles }: EmptyGalleryProps) {
  if (filtered) {
    return (
      <section className="empty">
        <Icon name="search" />
        <h2>No pictures match</h2>
        <p>There are none under these filters.</p>
        <button type="button" className="button" onClick={onClear}>
          Clear filters
        </button>
      </section>
    );
  }
  return (
    <section className="empty inviting">
      <Icon name="picture" />
      <h2>Your pictures go here</h2>
      <p>Drop them anywhere on this page, paste one, or choose from your files.</p>
      <FilePicker name="Choose pictures" onFiles={onFiles} />
      <p className="hint">JPEG, PNG, WebP, AVIF and GIF</p>
    </section>
  );
}
