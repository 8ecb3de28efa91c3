import path from 'node:path';
import { makeSamples } from './samples/make-samples.ts';

/** npm run samples [-- DIR]: makes the sample images and prints where they are. */
const directory = process.argv[2] ?? path.resolve(import.meta.dirname, '../.local/samples');
for (const file of await makeSamples(directory)) console.log(file);
