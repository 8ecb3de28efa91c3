/** Whether the control that was just used was used by keyboard: then the focus must not get lost. */
export function isKeyboardUse(): boolean {
  return document.activeElement?.matches(':focus-visible') ?? false;
}
