import { useCallback, useEffect, useRef, useState } from 'react';

/** A short message that goes away by itself. */
export interface Notice {
  readonly id: number;
  readonly text: string;
}

/** Time to read a sentence or two. */
const SHOWN_FOR_MS = 8_000;

/** Messages of the page's own, the newest last. */
export function useNotices(): { notices: readonly Notice[]; notify: (text: string) => void } {
  const [notices, setNotices] = useState<readonly Notice[]>([]);
  const timers = useRef(new Set<ReturnType<typeof setTimeout>>());
  const lastId = useRef(0);

  const notify = useCallback((text: string) => {
    lastId.current += 1;
    const notice = { id: lastId.current, text };
    setNotices((others) => [...others.filter((other) => other.text !== text), notice]);
    const timer = setTimeout(() => {
      timers.current.delete(timer);
      setNotices((others) => others.filter((other) => other.id !== notice.id));
    }, SHOWN_FOR_MS);
    timers.current.add(timer);
  }, []);

  useEffect(() => {
    const running = timers.current;
    return () => running.forEach(clearTimeout);
  }, []);

  return { notices, notify };
}
