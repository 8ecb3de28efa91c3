import { type PointerEvent, useRef } from 'react';

/** How far a finger has to go sideways, in CSS pixels. */
const DISTANCE = 48;

interface SwipeHandlers {
  onPointerDown(event: PointerEvent): void;
  onPointerUp(event: PointerEvent): void;
  onPointerCancel(): void;
}

/** Tells of a finger that is drawn across: to the left is on (1), to the right is back (-1). */
export function useSwipe(onSwipe: ((step: 1 | -1) => void) | undefined): SwipeHandlers {
  const from = useRef<{ id: number; x: number; y: number } | null>(null);
  return {
    onPointerDown(event) {
      // A second finger is a pinch, and on an enlarged page a finger moves the page.
      const isPinch = from.current !== null || (window.visualViewport?.scale ?? 1) > 1.01;
      const isFinger = event.pointerType === 'touch' && !isPinch;
      from.current = isFinger ? { id: event.pointerId, x: event.clientX, y: event.clientY } : null;
    },
    onPointerUp(event) {
      const start = from.current;
      from.current = null;
      if (onSwipe && start?.id === event.pointerId) {
        const x = event.clientX - start.x;
        const y = event.clientY - start.y;
        if (Math.abs(x) > DISTANCE && Math.abs(x) > 1.5 * Math.abs(y)) {
          onSwipe(x < 0 ? 1 : -1);
        }
      }
    },
    onPointerCancel() {
      from.current = null;
    },
  };
}
