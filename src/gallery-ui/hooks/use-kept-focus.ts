import { type FocusEvent, type RefObject, useLayoutEffect, useRef } from 'react';

interface FocusHandlers {
  onFocus(event: FocusEvent): void;
  onBlur(event: FocusEvent): void;
}

/**
 * When the control with the focus is taken out of the page, such as a button that has done its work,
 * the keyboard would start again at the top. Here it goes on nearby.
 *
 * @param selector of the element that takes the focus over
 */
export function useKeptFocus(
  container: RefObject<HTMLElement | null>,
  selector: string,
): FocusHandlers {
  const focused = useRef<Element | null>(null);
  useLayoutEffect(() => {
    const isLost = focused.current !== null && !focused.current.isConnected;
    if (isLost && document.activeElement === document.body) {
      container.current?.querySelector<HTMLElement>(selector)?.focus({ preventScroll: true });
    }
  });
  return {
    onFocus(event) {
      focused.current = event.target;
    },
    onBlur(event) {
      // Null also when it is taken out.
      if (event.relatedTarget !== null) {
        focused.current = null;
      }
    },
  };
}
