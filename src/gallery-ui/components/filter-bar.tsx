import { useId, useState } from 'react';
import { typeName } from '../failure-words.ts';
import type { ImageStatus } from '../model.ts';
import {
  CONTENT_TYPES,
  countFilters,
  EMPTY_FORM,
  type FilterForm,
  STATUSES,
} from '../view/filter-form.ts';
import { countOf } from '../view/words.ts';
import { IconButton } from './icon-button.tsx';
import { Icon } from './icons.tsx';

const STATUS_NAMES: Record<ImageStatus, string> = {
  READY: 'Ready',
  PENDING: 'Pending',
  FAILED: 'Failed',
};

interface FilterBarProps {
  form: FilterForm;
  onChange: (form: FilterForm) => void;
  totalCount: number | null;
  onReload: () => void;
}

export function FilterBar({ form, onChange, totalCount, onReload }: FilterBarProps) {
  const [open, setOpen] = useState(false);
  const fieldsId = useId();
  const count = countFilters(form);
  const set = (change: Partial<FilterForm>) => onChange({ ...form, ...change });
  return (
    <section className="filter-bar" aria-label="Filters">
      <div className="filter-summary">
        <p role="status">{totalCount === null ? ' ' : countOf(totalCount, 'picture')}</p>
        <IconButton icon="refresh" label="Look for new pictures" onClick={onReload} />
        <button
          type="button"
          className="button quiet filter-toggle"
          aria-expanded={open}
          aria-controls={fieldsId}
          onClick={() => setOpen(!open)}
        >
          <Icon name="filter" />
          Filters{count > 0 && ` (${count})`}
        </button>
      </div>
      <div id={fieldsId} className="filter-fields" data-open={open}>
        <label className="field">
          Status
          <select
            value={form.status}
            onChange={(event) =>
              set({ status: STATUSES.find((status) => status === event.target.value) ?? '' })
            }
          >
            <option value="">Any</option>
            {STATUSES.map((status) => (
              <option key={status} value={status}>
                {STATUS_NAMES[status]}
              </option>
            ))}
          </select>
        </label>
        <label className="field">
          Type
          <select
            value={form.contentType}
            onChange={(event) => set({ contentType: event.target.value })}
          >
            <option value="">Any</option>
            {CONTENT_TYPES.map((type) => (
              <option key={type} value={type}>
                {typeName(type)}
              </option>
            ))}
          </select>
        </label>
        <DayField label="From" value={form.from} onChange={(from) => set({ from })} />
        <DayField label="To" value={form.to} onChange={(to) => set({ to })} />
        <label className="field">
          Order
          <select
            value={form.order}
            onChange={(event) =>
              set({ order: event.target.value === 'OLDEST' ? 'OLDEST' : 'NEWEST' })
            }
          >
            <option value="NEWEST">Newest first</option>
            <option value="OLDEST">Oldest first</option>
          </select>
        </label>
        {count > 0 && (
          <button
            type="button"
            className="button quiet"
            onClick={() => onChange({ ...EMPTY_FORM, order: form.order })}
          >
            Clear filters
          </button>
        )}
      </div>
    </section>
  );
}

interface DayFieldProps {
  label: string;
  value: string;
  onChange: (day: string) => void;
}

/** Keeps what is half typed to itself: the browser gives such a day out as none. */
function DayField({ label, value, onChange }: DayFieldProps) {
  return (
    <label className="field">
      {label}
      <input
        type="date"
        aria-label={label === 'From' ? 'Created from' : 'Created to'}
        min="1970-01-01"
        max="2999-12-31"
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  );
}
