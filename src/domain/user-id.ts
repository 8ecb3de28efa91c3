export const USER_ID_RULE = '1 to 255 printable characters';

/** Whether a text can be the id of a user, which somebody else has given out. */
export function isUserId(text: string): boolean {
  return text.length >= 1 && text.length <= 255 && !/\p{Cc}/u.test(text) && text.isWellFormed();
}
