import type { ReactNode } from 'react';

export type IconName = keyof typeof PATHS;

/** Drawn on a grid of 24 in lines of the text's colour. */
const PATHS = {
  upload: <path d="M12 16V4m-5 5 5-5 5 5M4 16v3a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-3" />,
  download: <path d="M12 4v12m-5-5 5 5 5-5M4 17v2a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-2" />,
  search: <path d="m20 20-4.5-4.5M17 10.5a6.5 6.5 0 1 1-13 0 6.5 6.5 0 0 1 13 0Z" />,
  filter: <path d="M4 6h16M7 12h10M10 18h4" />,
  refresh: (
    <path d="M20 5v5h-5M4 19v-5h5M5.5 9A7 7 0 0 1 18 7.5L20 10M4 14l2 2.5A7 7 0 0 0 18.5 15" />
  ),
  close: <path d="m6 6 12 12M18 6 6 18" />,
  check: <path d="m5 12.5 4.5 4.5L19 7.5" />,
  trash: <path d="M4 7h16M9 7V4h6v3M6.5 7l1 13h9l1-13M10 11v5M14 11v5" />,
  retry: <path d="M5 4v5h5M5.5 9A7.5 7.5 0 1 1 4.5 13" />,
  previous: <path d="m15 5-7 7 7 7" />,
  next: <path d="m9 5 7 7-7 7" />,
  zoom: (
    <path d="m20 20-4.5-4.5M17 10.5a6.5 6.5 0 1 1-13 0 6.5 6.5 0 0 1 13 0ZM10.5 8v5M8 10.5h5" />
  ),
  fit: <path d="m20 20-4.5-4.5M17 10.5a6.5 6.5 0 1 1-13 0 6.5 6.5 0 0 1 13 0ZM8 10.5h5" />,
  info: <path d="M12 11v6M12 7.5v.5M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0Z" />,
  link: (
    <path d="M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.3l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3a4 4 0 0 0 5.7 5.7l1-1" />
  ),
  open: <path d="M13 4h7v7M20 4l-9 9M18 14v5a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1h5" />,
  warning: <path d="M12 9v5M12 17v.5M12 3.5 2.5 20h19L12 3.5Z" />,
  offline: (
    <path d="m4 4 16 16M8.5 15.5a5 5 0 0 1 6.5-.4M5 12a10 10 0 0 1 4.5-2.6M19 12a10 10 0 0 0-4-2.4M2 8.5A15 15 0 0 1 6.5 5.7M22 8.5A15 15 0 0 0 11 4.5M12 19v.5" />
  ),
  picture: <path d="M4 5h16v14H4zM4 16l5-5 4.5 4.5L16 13l4 4M15.5 9.5v.1" />,
  clock: <path d="M12 7v5l3 2M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0Z" />,
} satisfies Record<string, ReactNode>;

/** Says nothing to screen readers: the words are beside it or on its button. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg
      className="icon"
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {PATHS[name]}
    </svg>
  );
}
