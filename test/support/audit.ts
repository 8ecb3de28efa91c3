import { type AuditStats, noStats } from '../../src/domain/format-audit.ts';
import type { AuditOnePage, AuditPage, AuditRequest } from '../../src/features/audit/model.ts';

/** Stands in for the stages: objects that are not there, of which every page has three. */
export interface FakeStages {
  auditOnePage: AuditOnePage;
  /** Of each call: after which key it began. */
  calls: (string | null)[];
  /** Called in each page, before its end; throws, waits or does nothing. */
  during(hook: (after: string | null, signal: AbortSignal) => void | Promise<void>): void;
}

const PAGE = 3;

/** `key-001` and so on: every third one is wrong, every fifth one cannot be dealt with. */
export function fakeStages(objects: number): FakeStages {
  const keys = Array.from({ length: objects }, (_, n) => `key-${String(n + 1).padStart(3, '0')}`);
  const calls: (string | null)[] = [];
  let hook: Parameters<FakeStages['during']>[0] = () => {};
  return {
    calls,
    during(next) {
      hook = next;
    },
    async auditOnePage(request, { after, remaining }, signal) {
      calls.push(after);
      await hook(after, signal);
      signal.throwIfAborted();
      const rest = keys.filter((key) => after === null || key > after);
      const looked = rest.slice(0, Math.min(PAGE, remaining ?? PAGE));
      return toPage(request, looked, looked.length < rest.length);
    },
  };
}

function toPage({ stage }: AuditRequest, keys: string[], goesOn: boolean): AuditPage {
  const numbers = keys.map((key) => [key, Number(key.slice('key-'.length))] as const);
  const bad = numbers.filter(([, n]) => n % 5 === 0).map(([key]) => key);
  const wrong = numbers.filter(([, n]) => n % 5 !== 0 && n % 3 === 0).map(([key]) => key);
  return {
    stats: {
      ...noStats(),
      processed: keys.length,
      errors: bad.length,
      [stage === 1 ? 'fixed' : stage === 2 ? 'copied' : 'deleted']: wrong.length,
      already_correct: keys.length - bad.length - wrong.length,
    },
    errors: bad.map((key) => ({ key, reason: 'it is archived' })),
    left: looked(keys, 7).map((key) => ({
      key,
      outcome: 'already_correct',
      reason: 'it is not JPEG',
    })),
    changes: wrong.map((key) => ({ key, from: 'image/png', to: 'image/jpeg' })),
    next: goesOn ? (keys.at(-1) ?? null) : null,
  };
}

function looked(keys: string[], every: number): string[] {
  return keys.filter((key) => Number(key.slice('key-'.length)) % every === 0);
}

/** What a whole run of stage 1 over so many objects comes to. */
export function statsOf(objects: number): AuditStats {
  const numbers = Array.from({ length: objects }, (_, n) => n + 1);
  const errors = numbers.filter((n) => n % 5 === 0).length;
  const fixed = numbers.filter((n) => n % 5 !== 0 && n % 3 === 0).length;
  const already_correct = objects - errors - fixed;
  return { ...noStats(), processed: objects, errors, fixed, already_correct };
}
