import type { Checksum } from './checksums.ts';

/** The version id of whatever was written while the bucket was not versioned. */
export const NULL_VERSION = 'null';

export type Tags = readonly (readonly [key: string, value: string])[];

/** What the writer of an object says about it. */
export interface ObjectAttributes {
  readonly contentType: string;
  /** Cache-Control, Content-Disposition, -Encoding, -Language and Expires, by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** User metadata, by lower-case name without `x-amz-meta-`. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly storageClass: string;
  /** The `x-amz-server-side-encryption*` headers, kept and echoed; nothing is encrypted. */
  readonly encryption: Readonly<Record<string, string>>;
  readonly tags: Tags;
}

interface VersionIdentity {
  /** Unique over all buckets; also names the file of the content. */
  readonly id: string;
  readonly versionId: string;
  /** Milliseconds. */
  readonly lastModified: number;
}

export interface StoredObject extends VersionIdentity {
  readonly kind: 'object';
  readonly size: number;
  /** MD5 of the content in hex, without quotes. */
  readonly etag: string;
  readonly attributes: ObjectAttributes;
  readonly checksum: Checksum | null;
  /** Growing hex: tells which of two events about one key is the later. */
  readonly sequencer: string;
}

export interface DeleteMarker extends VersionIdentity {
  readonly kind: 'marker';
}

export type ObjectVersion = StoredObject | DeleteMarker;

/** An event that must reach its queue, kept until it has. */
export interface PendingEvent {
  readonly id: string;
  /** Which of the configured notifications it is for. */
  readonly target: string;
  readonly body: string;
}
