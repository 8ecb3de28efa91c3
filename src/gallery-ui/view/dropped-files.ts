/** True for a drag from the file manager; a dragged link, text or picture of a page is none. */
export function carriesFiles(transfer: DataTransfer | null): boolean {
  return transfer?.types.includes('Files') ?? false;
}

/**
 * The files of a drop, those in dropped folders as well. Of a folder only what looks like a picture is
 * taken: nobody means the hidden files in it.
 */
export async function filesOf(transfer: DataTransfer): Promise<File[]> {
  // The entries have to be taken before anything is awaited: the browser empties the transfer then.
  const dropped = [...transfer.items]
    .filter((item) => item.kind === 'file')
    .map((item) => ({ entry: item.webkitGetAsEntry?.() ?? null, file: item.getAsFile() }));
  const lists = await Promise.all(
    dropped.map(async ({ entry, file }) => {
      if (entry && isDirectory(entry)) {
        const files = await filesBelow(entry);
        return files.filter((inside) => inside.type.startsWith('image/'));
      }
      return file ? [file] : [];
    }),
  );
  return lists.flat();
}

async function filesBelow(directory: FileSystemDirectoryEntry): Promise<File[]> {
  const reader = directory.createReader();
  const files: File[] = [];
  for (;;) {
    // Gives some at a time, and none when all were given.
    const entries = await new Promise<FileSystemEntry[]>((resolve) =>
      reader.readEntries(resolve, () => resolve([])),
    );
    if (entries.length === 0) {
      return files;
    }
    for (const entry of entries) {
      files.push(...(await filesIn(entry)));
    }
  }
}

async function filesIn(entry: FileSystemEntry): Promise<File[]> {
  if (isDirectory(entry)) {
    return filesBelow(entry);
  }
  const file = await new Promise<File | null>((resolve) => {
    (entry as FileSystemFileEntry).file(resolve, () => resolve(null));
  });
  return file ? [file] : [];
}

function isDirectory(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}
