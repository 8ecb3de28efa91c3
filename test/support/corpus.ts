/** Pictures as the world writes them, all of which the service must take. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import sharp, { type Sharp } from 'sharp';
import type { ContentType } from '../../src/domain/content-types.ts';
import {
  findJpegMarker,
  jpegSegment,
  withJpegSegments,
  withPngChunks,
  writeApng,
  writeGif,
} from './image-bytes.ts';
import { animation, HEIGHT, noise, QUARTERS, quarters, WIDTH } from './pictures.ts';

export interface CorpusImage {
  name: string;
  contentType: ContentType;
  bytes: Buffer;
  /** As displayed, in pixels. */
  width: number;
  height: number;
  /** Whether the first frame shows the four colours of `quarters`, upright. */
  inColour: boolean;
}

/** How quarters are stored so that an orientation shows them upright (Exif 2.32, Orientation). */
async function storedFor(orientation: number): Promise<Sharp> {
  const upright = await quarters().png().toBuffer();
  const undo: Record<number, (image: Sharp) => Sharp> = {
    2: (image) => image.flop(),
    3: (image) => image.rotate(180),
    4: (image) => image.flip(),
    6: (image) => image.rotate(270),
    8: (image) => image.rotate(90),
  };
  const turned = undo[orientation]?.(sharp(upright)) ?? sharp(upright);
  if (orientation !== 5 && orientation !== 7) return turned;
  const mirrored = await sharp(upright).flop().png().toBuffer();
  return sharp(mirrored).rotate(orientation === 5 ? 270 : 90);
}

export const GPS_LATITUDE = '52/1 31/1 123456789/1000000';

export const GPS_EXIF = {
  IFD0: { Make: 'SecretCamera', Artist: 'Somebody' },
  IFD3: { GPSLatitudeRef: 'N', GPSLatitude: GPS_LATITUDE },
};

function fixture(name: string): Promise<Buffer> {
  return readFile(path.join(import.meta.dirname, '../fixtures', name));
}

type Draft = [name: string, bytes: Buffer | Promise<Buffer>, changes?: Partial<CorpusImage>];

async function jpegs(): Promise<Draft[]> {
  const plain = await quarters().jpeg({ quality: 95 }).toBuffer();
  const cmyk = await quarters().toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer();
  const orientations = [1, 2, 3, 4, 5, 6, 7, 8].map(async (orientation): Promise<Draft> => {
    const stored = await storedFor(orientation);
    const bytes = stored.jpeg({ quality: 95 }).withMetadata({ orientation }).toBuffer();
    return [`EXIF orientation ${orientation}`, await bytes];
  });
  const samsung = Buffer.from(plain);
  const scan = findJpegMarker(samsung, (marker) => marker === 0xda);
  // Spectral selection and approximation, which a sequential scan must set to 0, 63, 0.
  const parameters = scan + 2 + samsung.readUInt16BE(scan + 2) - 3;
  samsung.set([0, 0, 0], parameters);
  const mp4 = Buffer.from('\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom', 'latin1');
  const padded = (jpeg: Buffer) =>
    Buffer.concat([jpeg.subarray(0, -2), Buffer.alloc(9), jpeg.subarray(-2)]);
  const progressive = await quarters().jpeg({ quality: 95, progressive: true }).toBuffer();
  const thumbnailed = await quarters(16, 10).jpeg().toBuffer();
  return [
    ['baseline', plain],
    ['progressive', progressive],
    ['4:4:4', quarters().jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer()],
    ['grey', quarters().greyscale().jpeg().toBuffer(), { inColour: false }],
    ['CMYK with an Adobe marker', cmyk],
    ['Adobe marker', withJpegSegments(plain, jpegSegment(0xee, ADOBE_YCC))],
    ['restart markers', fixture('restart-markers.jpg')],
    ['arithmetic coding', fixture('arithmetic.jpg')],
    ['ICC profile (P3)', quarters().jpeg({ quality: 95 }).withIccProfile('p3').toBuffer()],
    ['broken ICC profile', withJpegSegments(plain, jpegSegment(0xe2, BROKEN_ICC))],
    ['GPS', quarters().jpeg({ quality: 95 }).withExif(GPS_EXIF).toBuffer()],
    ['EXIF thumbnail', withJpegSegments(plain, jpegSegment(0xe1, exifThumbnail(thumbnailed)))],
    ['stray bytes after the end', Buffer.concat([plain, Buffer.from('\r\n\0stray')])],
    ['zeros before the end', padded(plain)],
    ['zeros before the end, progressive', padded(progressive)],
    ['scan header of Samsung cameras', samsung],
    ['second picture behind it (MPF)', Buffer.concat([plain, thumbnailed])],
    ['motion photo', Buffer.concat([plain, mp4, Buffer.alloc(5_000, 7)])],
    ['large', quarters(1600, 1000).jpeg({ quality: 95 }).toBuffer(), { width: 1600, height: 1000 }],
    ['1 by 1', quarters(1, 1).jpeg().toBuffer(), { width: 1, height: 1, inColour: false }],
    [
      '1 by 20000',
      quarters(1, 20_000).jpeg().toBuffer(),
      { width: 1, height: 20_000, inColour: false },
    ],
    ...(await Promise.all(orientations)),
  ];
}

/** Version, flags, and the transform: YCbCr. */
const ADOBE_YCC = Buffer.from('Adobe\0\x64\0\0\0\0\x01', 'latin1');
const BROKEN_ICC = Buffer.from('ICC_PROFILE\0\x01\x01not a profile', 'latin1');

/** IFD0 is empty, IFD1 points to the thumbnail (TIFF 6.0, section 2). */
function exifThumbnail(jpeg: Buffer): Buffer {
  const tiff = Buffer.alloc(44);
  tiff.write('MM\0\x2a\0\0\0\x08', 0, 'latin1');
  tiff.writeUInt32BE(14, 10);
  tiff.writeUInt16BE(2, 14);
  for (const [index, [tag, value]] of [
    [0x0201, 44],
    [0x0202, jpeg.length],
  ].entries()) {
    const offset = 16 + index * 12;
    tiff.writeUInt16BE(tag ?? 0, offset);
    tiff.writeUInt16BE(4, offset + 2);
    tiff.writeUInt32BE(1, offset + 4);
    tiff.writeUInt32BE(value ?? 0, offset + 8);
  }
  return Buffer.concat([Buffer.from('Exif\0\0'), tiff, jpeg]);
}

async function pngs(): Promise<Draft[]> {
  const plain = await quarters().png().toBuffer();
  const oriented = await (await storedFor(6)).png().withMetadata({ orientation: 6 }).toBuffer();
  const frames = [0, 30].map((darker) => quarters(WIDTH, HEIGHT, darker).png().toBuffer());
  const brokenIcc = { type: 'iCCP', data: Buffer.from('bad\0\0not deflated') };
  const grey16 = quarters().toColourspace('grey16').png();
  return [
    ['RGB', plain],
    ['RGBA', quarters().ensureAlpha(1).png().toBuffer()],
    ['half transparent', quarters().ensureAlpha(0.5).png().toBuffer(), { inColour: false }],
    ['grey', quarters().greyscale().png().toBuffer(), { inColour: false }],
    ['grey with alpha', quarters().greyscale().ensureAlpha(0.5).png().toBuffer(), GREY],
    ['palette', quarters().png({ palette: true, colours: 8 }).toBuffer()],
    ['16 bits', quarters().toColourspace('rgb16').png().toBuffer()],
    ['16 bits, grey', grey16.toBuffer(), { inColour: false }],
    ['interlaced', quarters().png({ progressive: true }).toBuffer()],
    ['ICC profile (P3)', quarters().png().withIccProfile('p3').toBuffer()],
    ['broken ICC profile', withPngChunks(plain, brokenIcc)],
    ['EXIF orientation 6', oriented],
    ['animated (APNG)', writeApng(await Promise.all(frames))],
    ['stray bytes after the end', Buffer.concat([plain, Buffer.from('stray')])],
    ['1 by 1', quarters(1, 1).png().toBuffer(), { width: 1, height: 1, inColour: false }],
    [
      '20000 by 1',
      quarters(20_000, 1).png().toBuffer(),
      { width: 20_000, height: 1, inColour: false },
    ],
    ['large', quarters(1600, 1000).png().toBuffer(), { width: 1600, height: 1000 }],
  ];
}

const GREY = { inColour: false };

async function gifs(): Promise<Draft[]> {
  const pixels = Array.from({ length: WIDTH * HEIGHT }, (_, index) => {
    const [x, y] = [index % WIDTH, Math.floor(index / WIDTH)];
    return (x < WIDTH / 2 ? 0 : 1) + (y < HEIGHT / 2 ? 0 : 2);
  });
  const byHand = { width: WIDTH, height: HEIGHT, palette: QUARTERS, pixels };
  const plain = await quarters().gif().toBuffer();
  return [
    ['still', plain],
    ['interlaced', quarters().gif({ progressive: true }).toBuffer()],
    ['animated', (await animation()).gif({ delay: 100 }).toBuffer()],
    ['of 1987', writeGif({ ...byHand, version: '87a' })],
    ['of 1989, by hand', writeGif({ ...byHand, version: '89a' })],
    ['stray bytes after the end', Buffer.concat([plain, Buffer.from('stray')])],
    ['1 by 1', quarters(1, 1).gif().toBuffer(), { width: 1, height: 1, inColour: false }],
  ];
}

async function webps(): Promise<Draft[]> {
  const oriented = (await storedFor(6)).webp({ quality: 95 }).withMetadata({ orientation: 6 });
  const animated = await (await animation()).webp({ quality: 95 }).toBuffer();
  return [
    ['lossy', quarters().webp({ quality: 95 }).toBuffer()],
    ['lossless', quarters().webp({ lossless: true }).toBuffer()],
    ['with alpha', quarters().ensureAlpha(1).webp({ quality: 95 }).toBuffer()],
    ['animated', animated],
    [
      'animated, EXIF orientation 6',
      sharp(animated, { animated: true }).webp().withMetadata({ orientation: 6 }).toBuffer(),
      { width: HEIGHT, height: WIDTH, inColour: false },
    ],
    ['EXIF orientation 6', oriented.toBuffer()],
    ['GPS', quarters().webp({ quality: 95 }).withExif(GPS_EXIF).toBuffer()],
    ['1 by 1', quarters(1, 1).webp().toBuffer(), { width: 1, height: 1, inColour: false }],
  ];
}

async function avifs(): Promise<Draft[]> {
  const effort = 0;
  return [
    ['8 bits', quarters().avif({ effort, quality: 90 }).toBuffer()],
    ['10 bits', quarters().avif({ effort, quality: 90, bitdepth: 10 }).toBuffer()],
    ['12 bits', quarters().avif({ effort, quality: 90, bitdepth: 12 }).toBuffer()],
    ['lossless', quarters().avif({ effort, lossless: true }).toBuffer()],
    ['with alpha', quarters().ensureAlpha(1).avif({ effort, quality: 90 }).toBuffer()],
    ['sequence', fixture('sequence.avif')],
    ['rotated', fixture('rotated.avif'), { width: HEIGHT, height: WIDTH, inColour: false }],
    ['GPS', quarters().avif({ effort, quality: 90 }).withExif(GPS_EXIF).toBuffer()],
  ];
}

/** Every picture, named after its format and what is special about it. */
export async function drawCorpus(): Promise<CorpusImage[]> {
  const formats: [ContentType, Draft[]][] = [
    ['image/jpeg', await jpegs()],
    ['image/png', await pngs()],
    ['image/gif', await gifs()],
    ['image/webp', await webps()],
    ['image/avif', await avifs()],
  ];
  return Promise.all(
    formats.flatMap(([contentType, drafts]) =>
      drafts.map(async ([name, bytes, changes]) => ({
        name: `${contentType.slice(6)}: ${name}`,
        contentType,
        bytes: await bytes,
        width: WIDTH,
        height: HEIGHT,
        inColour: true,
        ...changes,
      })),
    ),
  );
}

/** A file of each kind in which every byte counts, for cutting. */
export async function drawForCutting(): Promise<CorpusImage[]> {
  const size = [48, 40] as const;
  const frames = await Promise.all(
    [1, 2, 3].map(() =>
      noise(...size)
        .png()
        .toBuffer(),
    ),
  );
  const animated = () => sharp(frames, { join: { animated: true } });
  const drafts: [string, ContentType, Promise<Buffer>][] = [
    [
      'jpeg',
      'image/jpeg',
      noise(...size)
        .jpeg()
        .toBuffer(),
    ],
    [
      'jpeg: progressive',
      'image/jpeg',
      noise(...size)
        .jpeg({ progressive: true })
        .toBuffer(),
    ],
    [
      'png',
      'image/png',
      noise(...size)
        .png()
        .toBuffer(),
    ],
    [
      'png: interlaced',
      'image/png',
      noise(...size)
        .png({ progressive: true })
        .toBuffer(),
    ],
    ['png: animated', 'image/png', Promise.resolve(writeApng(frames))],
    [
      'gif',
      'image/gif',
      noise(...size)
        .gif()
        .toBuffer(),
    ],
    ['gif: animated', 'image/gif', animated().gif().toBuffer()],
    [
      'webp: lossy',
      'image/webp',
      noise(...size)
        .webp()
        .toBuffer(),
    ],
    [
      'webp: lossless',
      'image/webp',
      noise(...size, 4)
        .webp({ lossless: true })
        .toBuffer(),
    ],
    ['webp: animated', 'image/webp', animated().webp().toBuffer()],
    [
      'avif',
      'image/avif',
      noise(...size)
        .avif({ effort: 0 })
        .toBuffer(),
    ],
    ['avif: sequence', 'image/avif', fixture('sequence.avif')],
  ];
  const [width, height] = size;
  return Promise.all(
    drafts.map(async ([name, contentType, bytes]) => ({
      name,
      contentType,
      bytes: await bytes,
      width,
      height,
      inColour: false,
    })),
  );
}
