import { expect, test } from '@jest/globals';
import sharp from 'sharp';
import { SAMPLES } from '../../scripts/samples/make-samples.ts';
import {
  detectContentType,
  FORMAT_HEAD_BYTES,
  UNKNOWN_CONTENT_TYPE,
} from '../../src/domain/image-format.ts';
import { drawCorpus } from '../support/corpus.ts';
import { testDecoder } from '../support/decoder.ts';
import { mutate, randomNumbers } from '../support/mutations.ts';

/** How many mutations of each file; more by hand, `FUZZ_RUNS=500 FUZZ_SEED=7`. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 6);
const SEED = Number(process.env.FUZZ_SEED ?? 20_260_222);

/** What sharp alone complains of and the decoder mends; nothing else may tell them apart. */
const MENDED = /Invalid SOS parameters for sequential JPEG|extraneous bytes before marker 0xd9/;

const decoder = testDecoder();
// Small ones of every kind, and the samples, which are of the usual size.
const corpus = await drawCorpus();
const samples = await Promise.all(SAMPLES.map(({ draw }) => draw()));
const files = [
  ...samples,
  ...corpus.filter(({ width, height }) => width * height < 100_000).map(({ bytes }) => bytes),
];

/** What sharp, left alone, says of all frames of a file; an image sequence is a still to it. */
async function complaintOfSharp(file: Buffer): Promise<string | null> {
  const isSequence = file.toString('latin1', 8, 12) === 'avis';
  const stillBrand = Buffer.from('avif');
  const bytes = isSequence
    ? Buffer.concat([file.subarray(0, 8), stillBrand, file.subarray(12)])
    : file;
  const isAnimation = bytes.toString('latin1', 0, 4).match(/^(GIF8|RIFF)/) !== null;
  try {
    await sharp(bytes, isAnimation ? { pages: -1 } : {})
      .raw()
      .toBuffer();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message.trim() : String(error);
  }
}

test(
  `mutations never break the decoder, which takes nothing that sharp refuses (seed ${SEED})`,
  async () => {
    const random = randomNumbers(SEED);
    const count = { mutations: 0, accepted: 0, mended: 0 };
    const wrong: string[] = [];
    for (const [index, bytes] of files.entries()) {
      for (let run = 0; run < RUNS; run += 1) {
        const { mutant, how } = mutate(bytes, files, random);
        if (mutant.length < FORMAT_HEAD_BYTES) continue;
        const contentType = detectContentType(mutant);
        if (contentType === UNKNOWN_CONTENT_TYPE) continue;
        count.mutations += 1;
        const result = await decoder.decode(mutant, contentType).catch((error: unknown) => {
          wrong.push(`file ${index}, ${how}: threw ${error}`);
          return null;
        });
        if (result === null || typeof result === 'string') continue;
        count.accepted += 1;
        const complaint = await complaintOfSharp(mutant);
        if (complaint === null) continue;
        if (MENDED.test(complaint)) count.mended += 1;
        else wrong.push(`file ${index}, ${how}: took what sharp refuses: ${complaint}`);
      }
    }
    if (process.env.FUZZ_RUNS) process.stderr.write(`${JSON.stringify(count)}\n`);
    expect(wrong).toEqual([]);
    // Otherwise the run has tried nothing: no file reached the decoder, or none got through.
    expect(count.accepted).toBeGreaterThan(RUNS);
    expect(count.accepted).toBeLessThan(count.mutations);
  },
  60_000 + RUNS * 20_000,
);
