import type { Filter, GalleryImage, GalleryQuery } from '../model.ts';

/** Whether the service would list this image under this filter. */
export function matches(filter: Filter, image: GalleryImage): boolean {
  const { status, contentType, createdAfter, createdBefore, fileNameContains } = filter;
  const created = Date.parse(image.createdAt);
  return (
    (status === undefined || image.status === status) &&
    (contentType === undefined || image.contentType === contentType) &&
    (createdAfter === undefined || created > Date.parse(createdAfter)) &&
    (createdBefore === undefined || created < Date.parse(createdBefore)) &&
    (fileNameContains === undefined ||
      image.fileName.toLowerCase().includes(fileNameContains.toLowerCase()))
  );
}

const FIELDS = [
  'status',
  'contentType',
  'createdAfter',
  'createdBefore',
  'fileNameContains',
] as const satisfies (keyof Filter)[];

export function sameQuery(one: GalleryQuery, other: GalleryQuery): boolean {
  return (
    one.order === other.order && FIELDS.every((field) => one.filter[field] === other.filter[field])
  );
}
