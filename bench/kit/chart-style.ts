/**
 * Colours that stay apart for all kinds of colour vision (Okabe and Ito, "Color Universal Design"),
 * darkened for white paper and lightened for black where their own would be too faint.
 */
const SERIES = [
  { light: '#0072b2', dark: '#56b4e9' },
  { light: '#d55e00', dark: '#ff8c42' },
  { light: '#007a5e', dark: '#2bc79a' },
  { light: '#a8508a', dark: '#e59ac8' },
  { light: '#8a6d00', dark: '#f0c541' },
  { light: '#555555', dark: '#b8b8b8' },
];

export const MOST_SERIES = SERIES.length;

/** An image does not know the page around it, so it brings its own paper. */
export function styleOf(): string {
  const colours = (theme: 'light' | 'dark') =>
    SERIES.map((series, index) => `.s${index}{--c:${series[theme]}}`).join('');
  return [
    'svg{--paper:#fff;--ink:#1f2328;--quiet:#59636e;--grid:#e4e7eb}',
    colours('light'),
    '@media(prefers-color-scheme:dark){',
    'svg{--paper:#0d1117;--ink:#e6edf3;--quiet:#9aa4af;--grid:#262c34}',
    `${colours('dark')}}`,
    'text{font:13px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;fill:var(--quiet)}',
    '.title{font-size:16px;font-weight:600;fill:var(--ink)}',
    '.key{fill:var(--ink)}',
    '.paper{fill:var(--paper)}',
    '.grid{stroke:var(--grid)}',
    '.base{stroke:var(--quiet)}',
    '.line{fill:none;stroke:var(--c);stroke-width:2.5;stroke-linejoin:round}',
    '.mark{fill:var(--c);stroke:var(--paper);stroke-width:1.5}',
  ].join('\n');
}

/** Shapes differ as well as colours do. Drawn around 0, 0. */
const MARKS = [
  'M-5,0a5,5 0 1,0 10,0a5,5 0 1,0 -10,0z',
  'M-4.5,-4.5h9v9h-9z',
  'M0,-6l5.5,10h-11z',
  'M0,-6l6,6l-6,6l-6,-6z',
  'M0,6l5.5,-10h-11z',
  'M-6,-2h4v-4h4v4h4v4h-4v4h-4v-4h-4z',
];

export function markOf(series: number): string {
  return MARKS[series % MARKS.length] ?? '';
}
