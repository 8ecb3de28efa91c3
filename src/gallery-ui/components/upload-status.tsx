import { type UploadTotals, underWay } from '../view/upload-summary.ts';
import { countOf, percentOf } from '../view/words.ts';
import { Icon } from './icons.tsx';

/** What has become of the files picked last, in a line; nothing before the first. */
export function UploadStatus({ totals }: { totals: UploadTotals }) {
  if (totals.total === 0) {
    return null;
  }
  const busy = underWay(totals) > 0;
  return (
    <div className="upload-status" data-busy={busy}>
      {busy ? (
        <progress
          aria-label="All uploads"
          max={100}
          value={percentOf(totals.done + totals.failed, totals.total)}
        />
      ) : (
        <Icon name={totals.failed > 0 ? 'warning' : 'check'} />
      )}
      <span>{uploadWords(totals)}</span>
    </div>
  );
}

/** For example `3 of 12 uploaded, 1 failed`. */
export function uploadWords({ total, done, failed }: UploadTotals): string {
  const parts = done === total ? countOf(done, 'picture') : `${done} of ${total}`;
  return `${parts} uploaded${failed > 0 ? `, ${failed} failed` : ''}`;
}
