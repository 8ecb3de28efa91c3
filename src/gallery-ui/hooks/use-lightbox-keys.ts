import { useEffect } from 'react';
import type { Neighbours } from './use-neighbours.ts';

interface LightboxKeysOptions {
  around: Neighbours;
  zoomed: boolean;
  onZoom: (zoomed: boolean) => void;
  onMove: (key: string | null) => void;
  onRemove: () => void;
}

/**
 * What the keyboard does in the lightbox, wherever the focus is, also nowhere; Escape is the dialog's
 * own.
 */
export function useLightboxKeys(options: LightboxKeysOptions): void {
  const { around, zoomed, onZoom, onMove, onRemove } = options;
  const actions: Record<string, () => void> = {
    ArrowLeft: () => onMove(around.previous),
    ArrowRight: () => onMove(around.next),
    Home: () => onMove(around.first()),
    End: () => onMove(around.last()),
    Delete: onRemove,
    '+': () => onZoom(true),
    '=': () => onZoom(true),
    '-': () => onZoom(false),
    '0': () => onZoom(false),
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // Enlarged, the arrow keys scroll the picture.
    const scrolls = zoomed && /^(Arrow|Home|End)/.test(event.key);
    const isTyping = event.target instanceof HTMLInputElement;
    const action = actions[event.key];
    if (action && !scrolls && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      action();
    }
  };
  useEffect(() => {
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  });
}
