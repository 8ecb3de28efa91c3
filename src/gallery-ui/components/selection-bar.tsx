import type { SelectionState } from '../hooks/use-selection.ts';
import { Icon } from './icons.tsx';

interface SelectionBarProps {
  selection: SelectionState;
  onRemove: (keys: readonly string[]) => void;
  onClear: () => void;
}

export function SelectionBar({ selection, onRemove, onClear }: SelectionBarProps) {
  const count = selection.keys.size;
  return (
    <section className="selection-bar" aria-label="Selection">
      <span role="status">{count} selected</span>
      <button type="button" className="button danger" onClick={() => onRemove([...selection.keys])}>
        <Icon name="trash" />
        Delete {count}
      </button>
      <button type="button" className="button quiet" aria-label="Clear selection" onClick={onClear}>
        Clear
      </button>
    </section>
  );
}
