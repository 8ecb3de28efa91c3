import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { drawChart } from './chart.ts';
import { CHART_FOLDER, writeMarkdown } from './markdown.ts';
import type { Report } from './report.ts';

/** Writes benchmarks.md and its charts, and removes charts that are not in it any more. */
export async function writeDocs(docsDirectory: string, report: Report): Promise<void> {
  const drawn = report.benches
    .flatMap(({ charts }) => charts)
    .map((chart) => ({ file: `${chart.name}.svg`, svg: drawChart(chart) }));
  const folder = path.join(docsDirectory, CHART_FOLDER);
  await mkdir(folder, { recursive: true });
  for (const { file, svg } of drawn) await writeFile(path.join(folder, file), svg);
  const current = new Set(drawn.map(({ file }) => file));
  for (const file of await readdir(folder)) {
    if (file.endsWith('.svg') && !current.has(file)) await rm(path.join(folder, file));
  }
  await writeFile(path.join(docsDirectory, 'benchmarks.md'), writeMarkdown(report));
}
