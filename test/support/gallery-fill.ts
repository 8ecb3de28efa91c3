import { eventually } from './eventually.ts';
import { connectMediaClient, putBytes } from './media-client.ts';

/** Stores READY pictures as a client of the API; they are the newest, the last one first of all. */
export async function storePictures(
  graphqlUrl: string,
  pictures: readonly { name: string; bytes: Buffer }[],
): Promise<string[]> {
  const client = connectMediaClient(graphqlUrl);
  const ids: string[] = [];
  // One after another: their order is that of their ids.
  for (const { name, bytes } of pictures) {
    const type = name.endsWith('.jpg') ? 'image/jpeg' : 'image/png';
    const ingest = await client.createIngestUrl(type, name);
    await putBytes(ingest, new Uint8Array(bytes));
    ids.push(ingest.id);
  }
  for (const id of ids) {
    await eventually(async () => {
      const { status } = await client.image(id);
      if (status !== 'READY') throw new Error(`${id} is ${status}`);
    });
  }
  return ids;
}

/** Those that are gone already are no problem. */
export async function deletePictures(apiUrl: string, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const response = await fetch(`${apiUrl}/api/image/v1/${id}`, { method: 'DELETE' });
    await response.text();
    if (![204, 404].includes(response.status)) throw new Error(`${id}: ${response.status}`);
  }
}
