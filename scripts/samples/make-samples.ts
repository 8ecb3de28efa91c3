import { access, mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { balloon, cactus, harbour, lighthouse, mountains, nightSky } from './scenes.ts';

export interface Sample {
  fileName: string;
  /** Why the service must refuse it; null where it must come out as it went in. */
  expectedFailure: string | null;
  draw(): Promise<Buffer>;
}

const LIGHTHOUSE_FRAMES = 6;
const FRAME_MS = 150;

/** One real image of every type that the service takes, and one that is not what its name says. */
export const SAMPLES: readonly Sample[] = [
  { fileName: 'harbour.jpg', expectedFailure: null, draw: harbourJpeg },
  { fileName: 'balloon.png', expectedFailure: null, draw: balloonPng },
  { fileName: 'mountains.webp', expectedFailure: null, draw: mountainsWebp },
  { fileName: 'night-sky.avif', expectedFailure: null, draw: nightSkyAvif },
  { fileName: 'lighthouse.gif', expectedFailure: null, draw: lighthouseGif },
  {
    fileName: 'png-in-disguise.jpg',
    expectedFailure: 'CONTENT_TYPE_MISMATCH',
    draw: pngInDisguise,
  },
];

/**
 * Makes the samples in a directory, which is made too, and replaces those that are there. The same
 * release of sharp makes the same bytes. Returns their paths in the order of SAMPLES.
 */
export function makeSamples(directory: string): Promise<string[]> {
  return drawInto(directory, () => true);
}

/** Like makeSamples, but leaves the samples alone that are there already. */
export function makeMissingSamples(directory: string): Promise<string[]> {
  return drawInto(directory, async (file) => !(await exists(file)));
}

async function drawInto(
  directory: string,
  isWanted: (file: string) => boolean | Promise<boolean>,
): Promise<string[]> {
  await mkdir(directory, { recursive: true });
  const files: string[] = [];
  for (const sample of SAMPLES) {
    const file = path.join(directory, sample.fileName);
    if (await isWanted(file)) {
      // Written beside and renamed: half a sample must never pass for one that is there already.
      const draft = `${file}.${process.pid}`;
      await writeFile(draft, await sample.draw());
      await rename(draft, file);
    }
    files.push(file);
  }
  return files;
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

function drawn(scene: string): Sharp {
  return sharp(Buffer.from(scene));
}

/** As phones store a picture taken upright: lying on its side, with EXIF orientation 6. */
function harbourJpeg(): Promise<Buffer> {
  return drawn(harbour())
    .rotate(-90)
    .flatten()
    .jpeg({ quality: 82 })
    .withMetadata({ orientation: 6 })
    .toBuffer();
}

function balloonPng(): Promise<Buffer> {
  return drawn(balloon()).png().toBuffer();
}

function mountainsWebp(): Promise<Buffer> {
  return drawn(mountains()).flatten().webp({ quality: 80 }).toBuffer();
}

function nightSkyAvif(): Promise<Buffer> {
  return drawn(nightSky()).flatten().avif({ quality: 60, effort: 2 }).toBuffer();
}

function lighthouseGif(): Promise<Buffer> {
  const frames = Array.from({ length: LIGHTHOUSE_FRAMES }, (_, index) =>
    // The beam shines both ways, so that half a turn comes back to where it began.
    Buffer.from(lighthouse(index / LIGHTHOUSE_FRAMES / 2)),
  );
  return sharp(frames, { join: { animated: true } })
    .gif({ dither: 0, delay: frames.map(() => FRAME_MS), loop: 0 })
    .toBuffer();
}

function pngInDisguise(): Promise<Buffer> {
  return drawn(cactus()).flatten().png().toBuffer();
}
