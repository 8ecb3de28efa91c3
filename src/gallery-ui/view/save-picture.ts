/**
 * Saves a picture under its own name. The name of a link to another host does not count, so that the
 * bytes are fetched first.
 *
 * @returns false where the picture's host does not let the page read them
 */
export async function savePicture(url: string, fileName: string): Promise<boolean> {
  let bytes: Blob;
  try {
    // Not from the cache: what <img> has put there lacks the headers that let a page read it.
    const response = await fetch(url, { cache: 'no-store', credentials: 'omit' });
    if (!response.ok) {
      return false;
    }
    bytes = await response.blob();
  } catch {
    return false;
  }
  const link = document.createElement('a');
  link.href = URL.createObjectURL(bytes);
  link.download = fileName;
  link.click();
  // The browser has begun to save by then; a minute is for those that ask where to.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  return true;
}
