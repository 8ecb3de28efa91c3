import { imageIdOfKey } from '../../domain/object-keys.ts';
import { describeError } from '../../shared/command.ts';
import type { DeadLetter } from '../../shared/dead-letter.ts';
import { plural } from './plural.ts';

/** What the body of a letter tells of, as the ingest slice understands it. */
export interface ParsedEvent {
  uploads: { bucket: string; key: string; versionId: string | null; etag: string | null }[];
  malformedRecords: number;
}

/** Throws when the body is no event. */
export type ParseEvent = (body: string) => ParsedEvent;

/** One letter as `list --json` prints it: its names are part of the command. */
export interface LetterDescription {
  id: string;
  /** RFC 3339; null where SQS did not say. */
  sentAt: string | null;
  receiveCount: number;
  /** The worker's own verdict; null where SQS moved the message after too many receives. */
  reason: string | null;
  /** The same in words, whoever moved it. */
  why: string;
  /** What to look for as `messageId` in the worker's log. */
  logMessageId: string;
  /** The kind of event. */
  event: string;
  /** Ids of the images that it is about; keys where they are none of an image. */
  images: string[];
}

/** @param maxReceives after how many receives SQS moves a message; null when unknown */
export function describeLetter(
  letter: DeadLetter,
  parseEvent: ParseEvent,
  maxReceives: number | null,
): LetterDescription {
  return {
    id: letter.id,
    sentAt: letter.sentAt?.toISOString() ?? null,
    receiveCount: letter.receiveCount,
    reason: letter.reason,
    why: letter.reason ?? failedOften(maxReceives),
    logMessageId: letter.logMessageId,
    ...describeBody(letter.body, parseEvent),
  };
}

/** All that there is to know: what `show --json` prints. */
export interface FullDescription extends LetterDescription {
  uploads: ParsedEvent['uploads'];
  attributes: Record<string, { dataType: string; value: string }>;
  systemAttributes: Record<string, string>;
  body: string;
}

export function describeFully(
  letter: DeadLetter,
  parseEvent: ParseEvent,
  maxReceives: number | null,
): FullDescription {
  return {
    ...describeLetter(letter, parseEvent, maxReceives),
    uploads: tryParse(letter.body, parseEvent)?.uploads ?? [],
    attributes: Object.fromEntries(
      Object.entries(letter.attributes).map(([name, { dataType, value }]) => [
        name,
        {
          dataType,
          value: typeof value === 'string' ? value : Buffer.from(value).toString('base64'),
        },
      ]),
    ),
    systemAttributes: letter.systemAttributes,
    body: letter.body,
  };
}

function failedOften(maxReceives: number | null): string {
  return maxReceives === null ? 'failed too often' : `failed ${plural(maxReceives, 'time')}`;
}

function describeBody(
  body: string,
  parseEvent: ParseEvent,
): Pick<LetterDescription, 'event' | 'images'> {
  try {
    const { uploads, malformedRecords } = parseEvent(body);
    const images = uploads.map(({ key }) => imageIdOfKey(key) ?? key);
    return { event: eventKind(uploads.length, malformedRecords), images: [...new Set(images)] };
  } catch (error) {
    return { event: `none: ${describeError(error)}`, images: [] };
  }
}

function eventKind(uploads: number, malformedRecords: number): string {
  const kinds = [
    ...(uploads > 0 ? [uploads === 1 ? 'upload' : `${uploads} uploads`] : []),
    ...(malformedRecords > 0 ? [`${malformedRecords} malformed`] : []),
  ];
  return kinds.join(', ') || 'no upload';
}

function tryParse(body: string, parseEvent: ParseEvent): ParsedEvent | null {
  try {
    return parseEvent(body);
  } catch {
    return null;
  }
}
