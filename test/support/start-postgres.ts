/** A process of its own that starts PostgreSQL, says so, and stays: for tests that kill it. */
import { startPostgres } from '../../src/local/postgres.ts';

const [stateDir, port] = process.argv.slice(2);
if (stateDir === undefined) throw new Error('Usage: start-postgres.ts <state directory> <port>');
const postgres = await startPostgres({ stateDir, port: Number(port) });
// Before it is told: whoever hears it may signal at once.
process.once('SIGTERM', () => void postgres.stop());
process.stdout.write('started\n');
