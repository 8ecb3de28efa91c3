/** Tells where something stands in a list. Opaque to clients, so that it may be something else one day. */
export interface Cursors<Id extends string> {
  encode(id: Id): string;
  /** Null for text that is no cursor of this list. */
  decode(cursor: string): Id | null;
}

/**
 * Cursors that are the id and nothing else: good under any filter, and still good when what they
 * stood for is deleted.
 *
 * @param version of the list's cursors: old ones can be told from new ones, and from another list's
 */
export function makeCursors<Id extends string>(
  version: string,
  isId: (text: string) => text is Id,
): Cursors<Id> {
  const encode = (id: Id) => Buffer.from(version + id).toString('base64url');
  return {
    encode,
    decode(cursor) {
      const id = Buffer.from(cursor, 'base64url').toString().slice(version.length);
      // Decoding passes over what is no base64url; a cursor is what was given out, to the letter.
      return isId(id) && encode(id) === cursor ? id : null;
    },
  };
}
