/** What became of one file; also what `--json` prints, so its names are part of the command. */
export interface Row {
  /** As it was named on the command line. */
  file: string;
  /** Null where no image was made. */
  id: string | null;
  /** The last status that the API told; null where no image was made. */
  status: string | null;
  failureReason: string | null;
  /** What went wrong on the way, in words; null when nothing did. */
  problem: string | null;
  /** Size of the file; null where it could not be read. */
  bytes: number | null;
  /** From the answer to the PUT until the API was seen to say READY or FAILED. */
  milliseconds: number | null;
  /** The signed URL; null unless READY. */
  url: string | null;
  /** The failure reason that this file is made to have; null where it must come out as it went in. */
  expectedFailure: string | null;
  /** Whether it came out as it must. */
  ok: boolean;
}

/** A file and how it must come out. */
export interface DemoFile {
  /** As it was named. */
  file: string;
  path: string;
  expectedFailure: string | null;
}

export function emptyRow({ file, expectedFailure }: DemoFile): Row {
  return {
    file,
    id: null,
    status: null,
    failureReason: null,
    problem: null,
    bytes: null,
    milliseconds: null,
    url: null,
    expectedFailure,
    ok: false,
  };
}
