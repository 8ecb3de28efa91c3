import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

export interface SystemProcess {
  pid: number;
  parent: number;
  command: string;
}

/** The living children of a process. */
export async function childrenOf(pid: number): Promise<SystemProcess[]> {
  const all = process.platform === 'linux' ? await readProc() : await askPs();
  return all.filter(({ parent }) => parent === pid);
}

/** Whether it runs; one that has ended and waits to be collected does not. */
export async function isRunning(pid: number): Promise<boolean> {
  const all = process.platform === 'linux' ? await readProc() : await askPs();
  return all.some((process) => process.pid === pid);
}

/** Not every Linux has `ps`. */
async function readProc(): Promise<SystemProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const [status, command] = await Promise.all([
        readFile(`/proc/${pid}/status`, 'utf8').catch(() => ''),
        readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
      ]);
      const parent = Number(/^PPid:\s*(\d+)$/m.exec(status)?.[1] ?? -1);
      return { pid: Number(pid), parent, command: command.replaceAll('\0', ' ') };
    }),
  );
  // One without a command line is a zombie, gone, or a thread of the kernel.
  return found.filter(({ command }) => command !== '');
}

async function askPs(): Promise<SystemProcess[]> {
  const args = ['-A', '-ww', '-o', 'pid=,ppid=,stat=,command='];
  const { stdout } = await promisify(execFile)('ps', args);
  return [...stdout.matchAll(/^\s*(\d+)\s+(\d+)\s+([^\sZ]+)\s+(.*)$/gm)].map(
    ([, pid, parent, , command = '']) => ({ pid: Number(pid), parent: Number(parent), command }),
  );
}
