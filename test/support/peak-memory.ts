import { readFileSync } from 'node:fs';

/**
 * The most memory this process has had resident, in bytes. Not `resourceUsage().maxRSS` on Linux:
 * that one begins with what the parent had at the time of the spawn, a Jest worker of any size.
 */
export function peakRssBytes(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024;
  const status = readFileSync('/proc/self/status', 'utf8');
  const kilobytes = status.match(/^VmHWM:\s+(\d+) kB$/m)?.[1];
  if (kilobytes === undefined) throw new Error('/proc/self/status has no VmHWM');
  return Number(kilobytes) * 1024;
}
