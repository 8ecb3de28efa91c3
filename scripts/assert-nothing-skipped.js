// Reads Jest's JSON results: a test that did not run is a failure in CI. Plain JavaScript, since
// it runs on whatever Node the machine has.
import { readFileSync } from 'node:fs';

const results = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const skipped = results.numPendingTests + results.numTodoTests + results.numPendingTestSuites;

console.log(
  `${results.numPassedTests} passed, ${results.numFailedTests} failed, ${skipped} skipped`,
);
if (skipped > 0 || results.numPassedTests === 0) {
  console.error('CI wants every test to run.');
  process.exit(1);
}
