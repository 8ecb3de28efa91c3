import sharp from 'sharp';
import { pseudoRandom } from '../samples/scenes.ts';

export interface Landscape {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

const NAMES = [
  'first light',
  'above the fjord',
  'september',
  'long way home',
  'heather',
  'the pass',
  'before the storm',
  'blue hour',
  'high meadow',
  'salt lake',
  'cedar valley',
  'last snow',
  'red dunes',
  'quiet evening',
  'north ridge',
  'seven hills',
  'moonrise',
  'the ferry',
  'spring fog',
  'old quarry',
  'lavender',
  'winter road',
];

const TYPES = ['jpeg', 'webp', 'png'] as const;

/** Pictures of hills at all times of the day, no two alike, and the same on every machine. */
export function drawLandscapes(): Promise<Landscape[]> {
  return Promise.all(
    NAMES.map(async (title, index) => {
      const type = TYPES[index % TYPES.length] ?? 'jpeg';
      const extension = type === 'jpeg' ? 'jpg' : type;
      const size = index % 4 === 1 ? { width: 720, height: 960 } : { width: 1200, height: 800 };
      const buffer = await sharp(Buffer.from(hills(index + 1, size)))
        .toFormat(type)
        .toBuffer();
      const name = `${title.replaceAll(' ', '-')}.${extension}`;
      return { name, mimeType: `image/${type}`, buffer };
    }),
  );
}

interface Size {
  width: number;
  height: number;
}

function hills(seed: number, { width, height }: Size): string {
  const random = pseudoRandom(seed * 97);
  const isNight = random() < 0.25;
  const hue = Math.round((seed * 137.5 + random() * 30) % 360);
  const glow = (hue + 150 + random() * 60) % 360;
  const sky = isNight
    ? [`hsl(${hue} 45% 9%)`, `hsl(${hue} 40% 28%)`]
    : [`hsl(${hue} 55% 62%)`, `hsl(${glow} 80% 86%)`];
  const layers = 4 + Math.floor(random() * 3);
  const ridges = Array.from({ length: layers }, (_, layer) => {
    const depth = (layer + 1) / layers;
    const light = isNight ? 24 - depth * 17 : 70 - depth * 48;
    const base = height * (0.42 + 0.5 * (layer / layers));
    const color = `hsl(${(hue + 20 * depth) % 360} ${25 + 25 * depth}% ${light}%)`;
    return `<path d="${ridge(random, { width, height }, base, 90 * (1.2 - depth))}" fill="${color}"/>`;
  });
  const stars = isNight
    ? Array.from(
        { length: 90 },
        () =>
          `<circle cx="${random() * width}" cy="${random() * height * 0.6}" r="${0.6 + random() * 1.6}" fill="#fff" opacity="${0.3 + random() * 0.7}"/>`,
      )
    : [];
  const sun = { x: width * (0.15 + random() * 0.7), y: height * (0.16 + random() * 0.2) };
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <linearGradient id="sky" x2="0" y2="1">
      <stop stop-color="${sky[0]}"/><stop offset=".75" stop-color="${sky[1]}"/>
    </linearGradient>
    <radialGradient id="glow">
      <stop stop-color="#fff" stop-opacity=".75"/><stop offset="1" stop-color="#fff" stop-opacity="0"/>
    </radialGradient>
    <rect width="${width}" height="${height}" fill="url(#sky)"/>
    ${stars.join('')}
    <circle cx="${sun.x}" cy="${sun.y}" r="${height * 0.26}" fill="url(#glow)"/>
    <circle cx="${sun.x}" cy="${sun.y}" r="${height * 0.06}" fill="#fffdf3"/>
    ${ridges.join('')}
  </svg>`;
}

/** The outline of a row of hills, down to the lower edge. */
function ridge(random: () => number, { width, height }: Size, base: number, rise: number): string {
  const waves = Array.from({ length: 4 }, (_, octave) => ({
    length: (width / (1.2 + octave * 1.7)) * (0.8 + random() * 0.5),
    phase: random() * 7,
    rise: rise / (1 + octave * 1.4),
  }));
  const points = Array.from({ length: 81 }, (_, step) => {
    const x = (step / 80) * width;
    const y = waves.reduce(
      (sum, { length, phase, rise }) => sum - rise * Math.sin((x / length) * 6.28 + phase),
      base,
    );
    return `${x.toFixed(1)} ${y.toFixed(1)}`;
  });
  return `M${points.join('L')}L${width} ${height}L0 ${height}Z`;
}
