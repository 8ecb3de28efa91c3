import { useRef } from 'react';
import { CONTENT_TYPES } from '../view/filter-form.ts';
import { Icon } from './icons.tsx';

/** A button that asks for files; `name` tells the two on the empty page apart. */
export function FilePicker({ name, onFiles }: { name: string; onFiles: (files: File[]) => void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" className="button primary" onClick={() => input.current?.click()}>
        <Icon name="upload" />
        {name}
      </button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        accept={CONTENT_TYPES.join(',')}
        aria-label={`${name}: files`}
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          // So that the same file can be picked again.
          event.target.value = '';
        }}
      />
    </>
  );
}
