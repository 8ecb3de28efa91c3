import { useEffect, useSyncExternalStore } from 'react';
import { type UploadSummary, type UploadTotals, underWay } from '../view/upload-summary.ts';

/** The totals; asks before the tab is closed while uploads are under way. */
export function useUploadTotals(summary: UploadSummary): UploadTotals {
  const totals = useSyncExternalStore(summary.subscribe, summary.get);
  const busy = underWay(totals) > 0;

  useEffect(() => {
    if (!busy) {
      return;
    }
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [busy]);

  return totals;
}
