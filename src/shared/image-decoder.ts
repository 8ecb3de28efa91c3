import sharp, { type Metadata, type SharpOptions } from 'sharp';
import type { ContentType } from '../domain/content-types.ts';
import type { FailureReason } from '../domain/image-status.ts';
import { reachesItsEnd } from '../domain/image-structure.ts';
import { withoutJpegOddities } from '../domain/jpeg-oddities.ts';
import type { WorkerConfig } from './config.ts';
import { judgeDecodeError } from './decode-errors.ts';
import {
  decodeWeight,
  estimateDecodeBytes,
  MAX_DECODE_BYTES,
  SHARED_DECODE_BYTES,
} from './decode-memory.ts';
import { hasAlpha, makeThumbhash, type Pixels } from './thumbhash.ts';
import { createWeightedLimit } from './weighted-limit.ts';

export interface DecodedImage {
  /** In pixels as displayed, after EXIF rotation; of one frame. */
  width: number;
  height: number;
  /** JPEG of the first frame, no metadata. */
  thumbnail: Buffer;
  /** Base64 of a ThumbHash, a placeholder of some 25 bytes. */
  thumbhash: string;
}

export interface ImageDecoder {
  /**
   * Decodes every frame of a file and makes its thumbnail. Returns a reason instead when the file
   * is not a complete image of that content type, or is more than the limits allow. Throws when
   * the machine, not the file, is at fault.
   */
  decode(bytes: Buffer, contentType: ContentType): Promise<DecodedImage | FailureReason>;
}

type DecoderConfig = Pick<
  WorkerConfig,
  'IMAGE_MAX_PIXELS' | 'IMAGE_MAX_FRAMES' | 'IMAGE_DECODE_TIMEOUT_SECS' | 'THUMBNAIL_SIZE_PX'
>;

const THUMBNAIL_QUALITY = 80;
/** The frames of an animation are decoded for the check alone: the smallest output costs least. */
const CHECK_SIDE_PX = 8;
/** Where all pages are frames of one animation; those of an AVIF are pictures beside the main one. */
const ANIMATED_TYPES: readonly ContentType[] = ['image/gif', 'image/webp'];

/**
 * libvips looks for warnings of the JPEG decoder before it reads the next eight lines, so those of
 * the last eight are lost: 64 when scaled to an eighth, which must not be all there are.
 */
const SHORT_JPEG_PX = 512;

/** Several images are in work at a time, so each has one thread; none repeats, so no cache. */
sharp.concurrency(1);
sharp.cache(false);

export function createImageDecoder(config: DecoderConfig): ImageDecoder {
  const withinMemory = createWeightedLimit(SHARED_DECODE_BYTES);
  const strict: SharpOptions = { limitInputPixels: config.IMAGE_MAX_PIXELS, failOn: 'warning' };

  async function decodeAll(
    bytes: Uint8Array,
    { frames, unscaled }: DecodePlan,
    secondsLeft: () => number,
  ): Promise<Pixels> {
    if (frames > 1) {
      const allFrames = sharp(bytes, { ...strict, pages: -1 }).timeout({ seconds: secondsLeft() });
      await allFrames.resize(CHECK_SIDE_PX, CHECK_SIDE_PX, { fit: 'fill' }).raw().toBuffer();
    }
    const side = config.THUMBNAIL_SIZE_PX;
    const image = sharp(bytes, strict).timeout({ seconds: secondsLeft() }).autoOrient();
    // One decoding serves check and thumbnail: a JPEG is scaled while it is decoded, which reads
    // every coded block at less than half of the cost. Unless a part is cut out, be it all of it.
    if (unscaled) image.extract({ left: 0, top: 0, ...unscaled });
    const { data, info } = await image
      .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { data, width: info.width, height: info.height, channels: info.channels };
  }

  async function decodeDespiteOddities(bytes: Buffer, plan: DecodePlan): Promise<Pixels> {
    const secondsLeft = startCountdown(config.IMAGE_DECODE_TIMEOUT_SECS);
    try {
      return await decodeAll(bytes, plan, secondsLeft);
    } catch (error) {
      if (judgeDecodeError(error) !== 'odd-jpeg') throw error;
      return decodeAll(withoutJpegOddities(bytes), plan, secondsLeft);
    }
  }

  async function inspect(
    original: Buffer,
    contentType: ContentType,
  ): Promise<DecodedImage | FailureReason> {
    const bytes = contentType === 'image/avif' ? withStillBrand(original) : original;
    const pages = ANIMATED_TYPES.includes(contentType) ? { pages: -1 } : {};
    const metadata = await sharp(bytes, { ...strict, ...pages }).metadata();
    if (metadata.mediaType !== contentType) return 'CONTENT_TYPE_MISMATCH';
    const frames = ANIMATED_TYPES.includes(contentType) ? (metadata.pages ?? 1) : 1;
    if (frames > config.IMAGE_MAX_FRAMES) return 'DIMENSIONS_EXCEEDED';
    if (!reachesItsEnd(bytes, contentType)) return 'UNDECODABLE';
    const estimatedBytes = estimateDecodeBytes(metadata);
    if (estimatedBytes > MAX_DECODE_BYTES) return 'DIMENSIONS_EXCEEDED';
    const size = displayedSize(metadata);
    const isShort = contentType === 'image/jpeg' && metadata.height <= SHORT_JPEG_PX;
    const plan = { frames, unscaled: isShort ? size : null };
    const picture = await withinMemory(decodeWeight(estimatedBytes), () =>
      decodeDespiteOddities(bytes, plan),
    );
    return { ...size, thumbnail: await toThumbnail(picture), thumbhash: makeThumbhash(picture) };
  }

  return {
    async decode(bytes, contentType) {
      try {
        return await inspect(bytes, contentType);
      } catch (error) {
        const judgement = judgeDecodeError(error);
        if (judgement === 'machine-fault') throw error;
        return judgement === 'too-large' ? 'DIMENSIONS_EXCEEDED' : 'UNDECODABLE';
      }
    },
  };
}

/** Whole seconds until the time is up, at least one: sharp takes no fractions, and 0 as no limit. */
function startCountdown(seconds: number): () => number {
  const end = performance.now() + seconds * 1000;
  return () => Math.max(1, Math.ceil((end - performance.now()) / 1000));
}

/**
 * libvips knows AVIF by its first brand alone, and not when that one says "image sequence"; the
 * still picture that a sequence has to hold as well is decoded if the brand says so.
 */
function withStillBrand(bytes: Buffer): Buffer {
  if (bytes.toString('latin1', 8, 12) !== 'avis') return bytes;
  const copy = Buffer.from(bytes);
  copy.write('avif', 8, 'latin1');
  return copy;
}

interface DecodePlan {
  frames: number;
  /** The size as displayed of what must not be scaled while it is decoded. */
  unscaled: Size | null;
}

interface Size {
  width: number;
  height: number;
}

/** sharp writes no metadata unless asked to: no camera, no place, no profile. */
function toThumbnail({ data, ...raw }: Pixels): Promise<Buffer> {
  const image = sharp(data, { raw });
  if (hasAlpha(raw)) image.flatten({ background: 'white' });
  return image.jpeg({ quality: THUMBNAIL_QUALITY, mozjpeg: false }).toBuffer();
}

/** Of one frame: an animation's frames are loaded as one tall strip. */
function displayedSize(metadata: Metadata): Size {
  const { width, orientation = 1 } = metadata;
  const height = metadata.pageHeight ?? metadata.height;
  const onItsSide = orientation >= 5;
  return onItsSide ? { width: height, height: width } : { width, height };
}
