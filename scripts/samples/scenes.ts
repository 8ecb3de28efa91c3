/** What the samples show. Shapes and gradients only: text would look as the machine's fonts do. */

export const SCENE_WIDTH = 640;
export const SCENE_HEIGHT = 480;

/** The corner of a picture that is `width` by `height` pixels, with grain and gradients to use. */
function svg(width: number, height: number, body: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
    <defs>
      <filter id="grain" x="0" y="0" width="100%" height="100%">
        <feTurbulence type="fractalNoise" baseFrequency="0.035" numOctaves="3" seed="7"/>
        <feColorMatrix values="0 0 0 0 0.1  0 0 0 0 0.12  0 0 0 0 0.2  0.9 0 0 0 -0.3"/>
      </filter>
      <filter id="ripples" x="0" y="0" width="100%" height="100%">
        <feTurbulence type="turbulence" baseFrequency="0.012 0.09" numOctaves="2" seed="3"/>
        <feColorMatrix values="0 0 0 0 1  0 0 0 0 1  0 0 0 0 1  0 0.9 0 0 -0.12"/>
      </filter>
      ${gradient('dusk', '#27306b', '#f08a5d')}
      ${gradient('sea', '#2a6f97', '#012a4a')}
      ${gradient('morning', '#8ecae6', '#fdf0d5')}
      ${gradient('night', '#03071e', '#3a2a6b')}
      ${gradient('desert', '#ffcb69', '#e76f51')}
    </defs>
    ${body}
  </svg>`;
}

function gradient(id: string, top: string, bottom: string): string {
  return `<linearGradient id="${id}" x1="0" y1="0" x2="0" y2="1">
    <stop offset="0" stop-color="${top}"/><stop offset="1" stop-color="${bottom}"/>
  </linearGradient>`;
}

/** The same numbers in [0, 1) on every machine (mulberry32). */
export function pseudoRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Boats at dusk; upright, as a phone held upright takes it. */
export function harbour(): string {
  const boats = [
    [110, 400, 1],
    [250, 440, 1.5],
    [390, 390, 0.8],
  ].map(
    ([x, y, size]) => `<g transform="translate(${x} ${y}) scale(${size})">
      <path d="M-50 0h100l-18 26h-64z" fill="#5f0f40"/>
      <path d="M0-92v88" stroke="#22223b" stroke-width="3"/>
      <path d="M4-90l44 76h-44z" fill="#fefae0"/><path d="M-4-78v64h-34z" fill="#e9c46a"/>
    </g>`,
  );
  return svg(
    SCENE_HEIGHT,
    SCENE_WIDTH,
    `<rect width="480" height="360" fill="url(#dusk)"/>
    <circle cx="350" cy="300" r="46" fill="#ffe8b6"/>
    <rect y="340" width="480" height="300" fill="url(#sea)"/>
    <rect y="340" width="480" height="300" filter="url(#ripples)"/>
    ${boats.join('')}
    <path d="M0 560h200v20h-200zM20 580h14v60h-14zM90 580h14v60h-14zM160 580h14v60h-14z" fill="#3d2b1f"/>
    <rect width="480" height="340" filter="url(#grain)" opacity="0.5"/>`,
  );
}

/** A hot-air balloon with nothing behind it: transparent outside, half transparent in its shadow. */
export function balloon(): string {
  const stripes = ['#d62828', '#f77f00', '#fcbf49', '#eae2b7', '#fcbf49', '#f77f00', '#d62828'].map(
    (colour, index) => {
      const width = 150 - index * 24;
      return `<ellipse cx="320" cy="180" rx="${Math.max(width, 14)}" ry="165" fill="${colour}"/>`;
    },
  );
  return svg(
    SCENE_WIDTH,
    SCENE_HEIGHT,
    `${stripes.join('')}
    <path d="M225 306l70 88M415 306l-70 88M290 342l14 52M350 342l-14 52" stroke="#6b4226" stroke-width="3"/>
    <rect x="288" y="392" width="64" height="46" rx="7" fill="#8d5524"/>
    <path d="M288 404h64M288 416h64M288 428h64" stroke="#5c3310" stroke-width="3"/>
    <ellipse cx="320" cy="464" rx="120" ry="10" fill="#000" opacity="0.35"/>`,
  );
}

/** Three ranges of mountains in the morning. */
export function mountains(): string {
  const random = pseudoRandom(11);
  const ranges = ['#94a7c4', '#5b7553', '#283618'].map((colour, range) => {
    const base = 190 + range * 85;
    const peaks = Array.from({ length: 17 }, (_, index) => {
      const height = base + (index % 2 === 0 ? 0 : -70) + Math.round(random() * 50);
      return `L${index * 40} ${height}`;
    });
    return `<path d="M0 480${peaks.join('')}L640 480z" fill="${colour}"/>`;
  });
  return svg(
    SCENE_WIDTH,
    SCENE_HEIGHT,
    `<rect width="640" height="480" fill="url(#morning)"/>
    <circle cx="150" cy="90" r="42" fill="#fff3b0"/>
    ${ranges.join('')}
    <rect width="640" height="480" filter="url(#grain)"/>`,
  );
}

/** Stars and a moon over a hill. */
export function nightSky(): string {
  const random = pseudoRandom(23);
  const stars = Array.from({ length: 220 }, () => {
    const [x, y, size] = [random() * 640, random() * 400, 0.5 + random() * 1.6];
    return `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${size.toFixed(1)}" fill="#fff"/>`;
  });
  return svg(
    SCENE_WIDTH,
    SCENE_HEIGHT,
    `<rect width="640" height="480" fill="url(#night)"/>
    ${stars.join('')}
    <circle cx="490" cy="110" r="54" fill="#f8f4d8"/><circle cx="468" cy="98" r="48" fill="#0d0f2d"/>
    <path d="M0 400q160-90 330-20t310-30v130h-640z" fill="#0b132b"/>
    <rect width="640" height="480" filter="url(#grain)" opacity="0.6"/>`,
  );
}

/** One frame of a lighthouse whose beam goes round. `turn` is in turns, from 0 to 1. */
export function lighthouse(turn: number): string {
  const degrees = Math.round(turn * 360);
  return svg(
    SCENE_WIDTH,
    SCENE_HEIGHT,
    `<rect width="640" height="480" fill="#14213d"/>
    <rect y="380" width="640" height="100" fill="#0a2a43"/>
    <g transform="rotate(${degrees} 320 120)">
      <path d="M320 120l460-70v140zM320 120l-460-70v140z" fill="#fca311" opacity="0.55"/>
    </g>
    <path d="M285 400l14-260h42l14 260z" fill="#f5f5f5"/>
    <path d="M293 260h54l3 50h-60zM288 350h64l3 50h-70z" fill="#c1121f"/>
    <rect x="294" y="98" width="52" height="44" fill="#ffdd57"/><path d="M286 98l34-34 34 34z" fill="#c1121f"/>
    <path d="M180 400q140-40 280 0l40 80h-360z" fill="#3c3c3c"/>`,
  );
}

/** A cactus in the desert. */
export function cactus(): string {
  return svg(
    SCENE_WIDTH,
    SCENE_HEIGHT,
    `<rect width="640" height="480" fill="url(#desert)"/>
    <circle cx="500" cy="120" r="50" fill="#fff1c1"/>
    <path d="M0 380q200-50 400-10t240-20v130h-640z" fill="#c58940"/>
    <path d="M300 420v-250M300 330h-80v-80M300 290h80v-90" fill="none" stroke="#386641" stroke-width="44" stroke-linecap="round" stroke-linejoin="round"/>`,
  );
}
