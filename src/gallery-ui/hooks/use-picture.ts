import { useEffect, useState } from 'react';
import type { Access, Gallery } from '../model.ts';

interface State {
  readonly key: string;
  /** Another one each time the picture is fetched anew. */
  readonly attempt: number;
  readonly access: Access | null;
  readonly loaded: boolean;
  /** In words for a person. */
  readonly problem: string | null;
  /** Whether a broken picture has been fetched anew without being asked to. */
  readonly retried: boolean;
}

export interface PictureLoad extends State {
  onLoad(): void;
  /** The bytes could not be had: tries once with a fresh URL, then says so. */
  onError(): void;
  tryAgain(): void;
}

const BROKEN = 'This picture could not be loaded.';

/** The full picture of a tile; asks again by itself when the network is back. */
export function usePicture(gallery: Gallery, key: string, online: boolean): PictureLoad {
  const [state, setState] = useState<State>(() => start(key));
  const [wasOnline, setWasOnline] = useState(online);
  if (state.key !== key) {
    setState(start(key));
  }
  if (wasOnline !== online) {
    setWasOnline(online);
    if (online && state.problem !== null) {
      setState(again(state, false));
    }
  }

  const { attempt } = state;
  useEffect(() => {
    // An answer for a picture that is not shown any more changes nothing.
    const set = (change: Partial<State>) =>
      setState((last) =>
        last.key === key && last.attempt === attempt ? { ...last, ...change } : last,
      );
    gallery.access(key, { fresh: attempt > 0 }).then(
      (access) => set({ access }),
      (error: unknown) => set({ problem: error instanceof Error ? error.message : BROKEN }),
    );
  }, [gallery, key, attempt]);

  return {
    ...state,
    onLoad: () => setState((last) => ({ ...last, loaded: true })),
    onError: () =>
      setState((last) => (last.retried ? { ...last, problem: BROKEN } : again(last, true))),
    tryAgain: () => setState((last) => again(last, false)),
  };
}

function start(key: string): State {
  return { key, attempt: 0, access: null, loaded: false, problem: null, retried: false };
}

function again(state: State, retried: boolean): State {
  return { ...start(state.key), attempt: state.attempt + 1, retried };
}
