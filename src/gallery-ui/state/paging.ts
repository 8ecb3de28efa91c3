import type { Api, Page } from '../api/api.ts';
import type { GalleryQuery } from '../model.ts';
import { LOAD_REFUSED_WORDS, type Problem, type ProblemKind, problemWords } from '../problems.ts';
import { sameQuery } from './filters.ts';
import type { Grid } from './grid.ts';
import type { Snapshots } from './snapshots.ts';
import type { Tiles } from './tiles.ts';

export interface Paging {
  setQuery(query: GalleryQuery): void;
  loadMore(): void;
  reload(): void;
  /** Tries again what has failed for want of a connection. */
  connectionIsBack(): void;
  /** Whether to start again would take nothing away that somebody has scrolled to. */
  isAtFirstPage(): boolean;
}

export interface PagingDeps {
  api: Pick<Api, 'page' | 'count'>;
  tiles: Pick<Tiles, 'get' | 'receive'>;
  grid: Pick<Grid, 'append' | 'restart'>;
  snapshots: Pick<Snapshots, 'get' | 'patch'>;
  /** Forgets what is not in the grid any more. */
  drop(keys: string[]): void;
}

const PAGE_SIZE = 60;

/** Loads the listing page by page; what comes in late, for another query, is dropped. */
export function createPaging({ api, tiles, grid, snapshots, drop }: PagingDeps): Paging {
  let turn = 0;
  let pages = 0;
  let next: string | null = null;
  // What to do to load again what could not be loaded.
  let retry: { kind: ProblemKind; load: () => void } | null = null;

  const isUnsettled = (key: string): boolean => tiles.get(key)?.upload != null;

  function begin(loading: 'first' | 'more'): void {
    retry = null;
    snapshots.patch({ loading, loadProblem: null });
  }

  function failed(problem: Problem, load: () => void): void {
    retry = { kind: problem.kind, load };
    const loadProblem = problem.kind === 'refused' ? LOAD_REFUSED_WORDS : problemWords(problem);
    snapshots.patch({ loading: 'none', loadProblem });
  }

  function take(page: Page): string[] {
    next = page.next;
    return page.images.flatMap((received) => tiles.receive(received) ?? []);
  }

  /** Null when it is no longer asked for. */
  async function ask<T extends object>(what: () => Promise<T>): Promise<T | null> {
    const asked = turn;
    const answer = await what();
    return asked === turn ? answer : null;
  }

  async function countAll(): Promise<void> {
    const answer = await ask(() => api.count(snapshots.get().query.filter));
    if (answer?.ok) snapshots.patch({ totalCount: answer.data });
  }

  async function loadFirst(): Promise<void> {
    turn += 1;
    begin('first');
    // What settles while the answer is on its way may not be in it.
    const unsettled = new Set(snapshots.get().keys.filter(isUnsettled));
    const answer = await ask(() => api.page(snapshots.get().query, PAGE_SIZE, null));
    if (answer === null) return;
    if (!answer.ok) return failed(answer.problem, reload);
    pages = 1;
    drop(grid.restart(take(answer.data), (key) => unsettled.has(key) || isUnsettled(key)));
    snapshots.patch({ loading: 'none', hasMore: next !== null });
  }

  async function loadNext(after: string): Promise<void> {
    begin('more');
    const answer = await ask(() => api.page(snapshots.get().query, PAGE_SIZE, after));
    if (answer === null) return;
    if (!answer.ok) return failed(answer.problem, () => void loadNext(after));
    pages += 1;
    grid.append(take(answer.data));
    snapshots.patch({ loading: 'none', hasMore: next !== null });
  }

  function reload(): void {
    void loadFirst();
    void countAll();
  }

  function loadMore(): void {
    if (snapshots.get().loading !== 'none') return;
    if (retry !== null) retry.load();
    else if (next !== null) void loadNext(next);
  }

  return {
    setQuery(query) {
      if (sameQuery(query, snapshots.get().query)) return;
      drop(grid.restart([], isUnsettled));
      pages = 0;
      next = null;
      snapshots.patch({ query, hasMore: false, totalCount: null });
      reload();
    },
    loadMore,
    reload,
    connectionIsBack() {
      if (retry?.kind === 'unreachable') retry.load();
    },
    isAtFirstPage: () => pages <= 1,
  };
}
