import { imageIdOfKey } from '../../domain/object-keys.ts';
import type { ImageRecord, ImageRecords } from '../../shared/image-records.ts';
import type { ListedVersion, ObjectHistory } from '../../shared/object-store/version-listing.ts';
import type { ObjectStore } from '../../shared/object-store.ts';
import { attempt, forEach, type ReapRun } from './reap-run.ts';
import { type SettleDeps, settleVersion } from './settle-version.ts';

export interface ReapOrphansDeps extends SettleDeps {
  records: Pick<ImageRecords, 'findMany'>;
  objects: Pick<ObjectStore, 'bucket' | 'listVersions' | 'deleteVersions'>;
}

/** Where uploads go; of anything elsewhere in the bucket the reaper keeps its hands off. */
const UPLOADS = 'ingest/';

/** An old object version that is not served, and whose record is not pending either. */
interface Stray {
  version: ListedVersion;
  /** Null where no record has this key. */
  record: ImageRecord | null;
}

/**
 * Walks all uploads and deletes old versions that nothing will ever serve: without a record, or
 * left over beside a record that is settled. A page of the listing is in memory at a time, and asks
 * the database once. Throws when the bucket cannot be listed or the database cannot be asked.
 */
export async function reapOrphans(deps: ReapOrphansDeps, run: ReapRun): Promise<void> {
  let count = 0;
  for await (const histories of deps.objects.listVersions(UPLOADS)) {
    if (run.signal.aborted) return;
    const strays = await findStrays(deps, run, histories);
    run.result.looked_at += strays.length;
    const orphans = strays.flatMap(({ version, record }) => (record ? [] : [version]));
    await deleteOrphans(deps, run, orphans, loneMarkers(run, histories, orphans));
    await forEach(run, strays, async ({ version, record }) => {
      if (!record) return;
      const fields = { imageId: record.id, versionId: version.versionId };
      await attempt(run, deps.logger, fields, async () => {
        // Decided once more, by the very rules that decide about events.
        if (!run.dryRun) {
          await settleVersion(deps, run, record.id, version);
          return;
        }
        run.result.overwrites_deleted += 1;
        deps.logger.info(fields, 'reap.would_delete_overwrite');
      });
    });
    count += histories.reduce((sum, { versions }) => sum + versions.length, 0);
    run.onProgress({ what: 'object versions', count });
    // The next page is asked for when the loop goes on.
    if (run.signal.aborted) return;
  }
}

async function findStrays(
  { records }: ReapOrphansDeps,
  run: ReapRun,
  histories: ObjectHistory[],
): Promise<Stray[]> {
  const old = histories.flatMap(({ versions }) =>
    versions.filter((version) => isOld(run, version)),
  );
  const ids = [...new Set(old.flatMap(({ key }) => imageIdOfKey(key) ?? []))];
  const found = ids.length === 0 ? [] : await records.findMany(ids);
  const byKey = new Map(found.flatMap((record) => (record ? [[record.objectKey, record]] : [])));
  return old
    .map((version) => ({ version, record: byKey.get(version.key) ?? null }))
    .filter(({ version, record }) => record === null || isLeftOver(record, version));
}

function isOld(run: ReapRun, { lastModified }: ListedVersion): boolean {
  return lastModified < run.olderThan;
}

/** A pending record's uploads are yet to be judged; a ready one's pinned version is served. */
function isLeftOver(record: ImageRecord, version: ListedVersion): boolean {
  if (record.status !== 'ready') return record.status === 'failed';
  if (record.versionId !== null && version.versionId !== null) {
    return record.versionId !== version.versionId;
  }
  return record.etag !== null && record.etag !== version.etag;
}

/** Old delete markers that are all there is under their key, or will be. */
function loneMarkers(
  run: ReapRun,
  histories: ObjectHistory[],
  orphans: ListedVersion[],
): ListedVersion[] {
  const going = new Set(orphans);
  return histories
    .filter(({ versions }) => versions.every((version) => going.has(version)))
    .flatMap(({ deleteMarkers }) => deleteMarkers.filter((marker) => isOld(run, marker)));
}

async function deleteOrphans(
  { objects, telemetry, logger }: ReapOrphansDeps,
  run: ReapRun,
  orphans: ListedVersion[],
  markers: ListedVersion[],
): Promise<void> {
  if (run.dryRun) {
    run.result.orphans_deleted += orphans.length;
    for (const { key, versionId } of orphans) {
      // Whoever looks before deleting needs to see what it is.
      logger.info({ key, versionId }, 'reap.would_delete_orphan');
    }
    return;
  }
  await attempt(run, logger, { orphans: orphans.length }, async () => {
    const refused = await objects.deleteVersions([...orphans, ...markers]);
    for (const { version, code } of refused) {
      run.result.errors += 1;
      logger.warn({ ...nameOf(version), code }, 'reap.item_failed');
    }
    const kept = new Set(refused.map(({ version }) => version));
    for (const orphan of orphans.filter((version) => !kept.has(version))) {
      run.result.orphans_deleted += 1;
      const { imageId, versionId } = nameOf(orphan);
      const ageMs = Date.now() - orphan.lastModified.getTime();
      telemetry.emit('ingest.orphan_deleted', { imageId, ageMs }, logger.child({ versionId }));
    }
  });
}

/** A key that is no image's may hold anything, so it is left out of the log. */
function nameOf({ key, versionId }: ListedVersion) {
  return { imageId: imageIdOfKey(key), versionId };
}
