import { useEffect, useRef, useState } from 'react';
import { type UploadTotals, underWay } from '../view/upload-summary.ts';
import { uploadWords } from './upload-status.tsx';

/** Least time between two announcements: with many small files each would cut off the one before. */
const PAUSE_MS = 5_000;

/** Tells screen readers how the uploads get on: now and then, and when they are through. */
export function UploadAnnouncer({ totals }: { totals: UploadTotals }) {
  const [words, setWords] = useState('');
  const nextAt = useRef(0);

  useEffect(() => {
    if (totals.total === 0) {
      return;
    }
    const announce = () => {
      nextAt.current = Date.now() + PAUSE_MS;
      setWords(uploadWords(totals));
    };
    const wait = underWay(totals) === 0 ? 0 : nextAt.current - Date.now();
    const timer = setTimeout(announce, Math.max(0, wait));
    return () => clearTimeout(timer);
  }, [totals]);

  return (
    <p className="for-screen-readers" role="status" aria-label="Uploads">
      {words}
    </p>
  );
}
