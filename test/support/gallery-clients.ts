import path from 'node:path';
import type { ApolloClient, ObservableQuery } from '@apollo/client';
import type { Client as UrqlClient } from '@urql/core';

export interface Picture {
  id: string;
  status: string;
  thumbnail: { downloadUrl: string } | null;
}

/** What a gallery does, whichever client of docs/gallery.md it is made with. */
export interface GalleryClient {
  upload(file: File): Promise<string>;
  /** Resolves with the last status of each, once the stream is complete. */
  follow(ids: string[]): Promise<Record<string, string>>;
  /** All there are, loaded `first` at a time. */
  list(first: number): Promise<Picture[]>;
  freshUrl(id: string): Promise<string>;
  remove(ids: string[]): Promise<void>;
  close(): void;
}

interface Page {
  edges: { node: Picture }[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

interface PlainSnippet {
  connectGallery(api: string): {
    upload(file: File): Promise<string>;
    watch(ids: string[]): AsyncIterable<Picture>;
    pages(first: number): AsyncIterable<Picture[]>;
    refresh(ids: string[]): Promise<(Picture | null)[]>;
    remove(ids: string[]): Promise<void>;
  };
}

interface ApolloSnippet {
  createGalleryClient(api: string): ApolloClient;
  watchGallery(
    client: ApolloClient,
    first: number,
  ): { list: ObservableQuery<{ gallery: Page }>; loadMore(): Promise<boolean> };
  upload(client: ApolloClient, file: File): Promise<string>;
  follow(
    client: ApolloClient,
    ids: string[],
  ): {
    subscribe(observer: {
      next(result: { data?: { imageStatusChanged: Picture } | undefined }): void;
      error(error: unknown): void;
      complete(): void;
    }): unknown;
  };
  refresh(client: ApolloClient, ids: string[]): Promise<void>;
  remove(client: ApolloClient, ids: string[]): Promise<void>;
}

interface UrqlSnippet {
  createGalleryClient(api: string): UrqlClient;
  loadPage(client: UrqlClient, first: number, after: string | null): Promise<Page>;
  upload(client: UrqlClient, file: File): Promise<string>;
  follow(client: UrqlClient, ids: string[], onPicture: (picture: Picture) => void): () => void;
  refresh(client: UrqlClient, ids: string[]): Promise<(Picture | null)[]>;
  remove(client: UrqlClient, ids: string[]): Promise<void>;
}

/** The snippets in a directory, each behind the same interface. */
export async function loadGalleryClients(
  directory: string,
  api: string,
): Promise<Record<string, GalleryClient>> {
  const load = (name: string) => import(path.join(directory, `${name}.ts`));
  return {
    plain: plainClient(await load('plain'), api),
    apollo: apolloClient(await load('apollo'), api),
    urql: urqlClient(await load('urql'), api),
  };
}

function plainClient({ connectGallery }: PlainSnippet, api: string): GalleryClient {
  const gallery = connectGallery(api);
  return {
    upload: (file) => gallery.upload(file),
    async follow(ids) {
      const last: Record<string, string> = {};
      for await (const { id, status } of gallery.watch(ids)) last[id] = status;
      return last;
    },
    async list(first) {
      const all: Picture[] = [];
      for await (const page of gallery.pages(first)) all.push(...page);
      return all;
    },
    freshUrl: async (id) => (await gallery.refresh([id]))[0]?.thumbnail?.downloadUrl ?? '',
    remove: (ids) => gallery.remove(ids),
    close() {},
  };
}

function apolloClient(snippet: ApolloSnippet, api: string): GalleryClient {
  const client = snippet.createGalleryClient(api);
  /** As a component has it: mounted once, then told of every change in the cache. */
  let mounted: ReturnType<ApolloSnippet['watchGallery']> | undefined;
  const shown = (): Picture[] => {
    const data = mounted?.list.getCurrentResult().data as { gallery: Page } | undefined;
    return data?.gallery.edges.map(({ node }) => node) ?? [];
  };
  return {
    upload: (file) => snippet.upload(client, file),
    follow(ids) {
      const last: Record<string, string> = {};
      return new Promise((resolve, reject) => {
        snippet.follow(client, ids).subscribe({
          next({ data }) {
            if (data) last[data.imageStatusChanged.id] = data.imageStatusChanged.status;
          },
          error: reject,
          complete: () => resolve(last),
        });
      });
    },
    async list(first) {
      if (!mounted) {
        mounted = snippet.watchGallery(client, first);
        await firstPage(mounted.list);
        while (await mounted.loadMore());
      }
      return shown();
    },
    async freshUrl(id) {
      await snippet.refresh(client, [id]);
      return shown().find((picture) => picture.id === id)?.thumbnail?.downloadUrl ?? '';
    },
    remove: (ids) => snippet.remove(client, ids),
    close: () => client.stop(),
  };
}

/** Stays subscribed, as a component would. */
function firstPage(list: ObservableQuery<{ gallery: Page }>): Promise<void> {
  return new Promise((resolve, reject) => {
    list.subscribe(({ data, error }) => {
      if (error) reject(error);
      else if (data) resolve();
    });
  });
}

function urqlClient(snippet: UrqlSnippet, api: string): GalleryClient {
  const client = snippet.createGalleryClient(api);
  return {
    upload: (file) => snippet.upload(client, file),
    follow(ids) {
      const last: Record<string, string> = {};
      // urql does not tell its subscribers of the end.
      return new Promise((resolve) => {
        const stop = snippet.follow(client, ids, ({ id, status }) => {
          last[id] = status;
          const settled = ids.every((one) => ['READY', 'FAILED'].includes(last[one] ?? ''));
          if (!settled) return;
          resolve(last);
          queueMicrotask(() => stop());
        });
      });
    },
    async list(first) {
      const all: Picture[] = [];
      let page: Page | undefined;
      do {
        page = await snippet.loadPage(client, first, page?.pageInfo.endCursor ?? null);
        all.push(...page.edges.map(({ node }) => node));
      } while (page.pageInfo.hasNextPage);
      return all;
    },
    freshUrl: async (id) => (await snippet.refresh(client, [id]))[0]?.thumbnail?.downloadUrl ?? '',
    remove: (ids) => snippet.remove(client, ids),
    close() {},
  };
}
