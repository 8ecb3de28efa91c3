import type { FilterForm } from '../view/filter-form.ts';
import type { UploadTotals } from '../view/upload-summary.ts';
import { FilePicker } from './file-picker.tsx';
import { SearchField } from './search-field.tsx';
import { UploadStatus } from './upload-status.tsx';

interface PageHeaderProps {
  form: FilterForm;
  onChange: (form: FilterForm) => void;
  totals: UploadTotals;
  onFiles: (files: File[]) => void;
}

export function PageHeader({ form, onChange, totals, onFiles }: PageHeaderProps) {
  return (
    <header className="page-header">
      <h1>Gallery</h1>
      <SearchField value={form.name} onChange={(name) => onChange({ ...form, name })} />
      <UploadStatus totals={totals} />
      <FilePicker name="Upload" onFiles={onFiles} />
    </header>
  );
}
