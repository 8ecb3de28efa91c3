import { typeName } from '../failure-words.ts';
import type { GalleryImage } from '../model.ts';
import { momentInWords, sizeInWords } from '../view/words.ts';
import { IconButton } from './icon-button.tsx';

interface PictureDetailsProps {
  image: GalleryImage;
  onClose: () => void;
}

export function PictureDetails({ image, onClose }: PictureDetailsProps) {
  const { fileName, contentType, width, height, sizeBytes, createdAt, id } = image;
  const facts: [string, string][] = [
    ['File name', fileName],
    ['Type', typeName(contentType)],
    ['Dimensions', width !== null && height !== null ? `${width} × ${height} pixels` : 'Unknown'],
    ['Size', sizeBytes !== null ? sizeInWords(sizeBytes) : 'Unknown'],
    ['Created', momentInWords(createdAt)],
    ['Id', id],
  ];
  return (
    <aside className="picture-details" aria-label="Details">
      <IconButton icon="close" label="Close details" onClick={onClose} />
      <dl>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </aside>
  );
}
