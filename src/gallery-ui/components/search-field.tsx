import { useEffect, useRef, useState } from 'react';
import { NAME_LIMIT } from '../view/filter-form.ts';
import { Icon } from './icons.tsx';

/** A pause in typing after which the search is for what stands there. */
const PAUSE_MS = 300;

/** Searches while it is typed in, though not for every letter. */
export function SearchField({
  value,
  onChange,
}: {
  value: string;
  onChange: (text: string) => void;
}) {
  const [text, setText] = useState(value);
  const [lastValue, setLastValue] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  // Cleared from elsewhere, or another entry of the history.
  if (value !== lastValue) {
    setLastValue(value);
    setText(value);
  }

  const latest = useRef(onChange);
  useEffect(() => {
    latest.current = onChange;
  });
  useEffect(() => () => clearTimeout(timer.current), []);

  const search = (next: string, afterMs: number) => {
    setText(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => latest.current(next), afterMs);
  };

  return (
    <search className="search-field">
      <Icon name="search" />
      <input
        type="search"
        aria-label="File name contains"
        placeholder="Search names"
        autoComplete="off"
        spellCheck={false}
        maxLength={NAME_LIMIT}
        value={text}
        onChange={(event) => search(event.target.value, PAUSE_MS)}
        onKeyDown={(event) => event.key === 'Enter' && search(text, 0)}
      />
    </search>
  );
}
