/** What a copy has done so far. */
export interface CopyCount {
  files: number;
  folders: number;
  links: number;
  /** Of the files' contents. */
  bytes: number;
  /** Paths of sockets, devices and pipes. */
  readonly leftOut: string[];
  /** Counts bytes of a file. */
  readonly add: (bytes: number) => void;
}

/** @param onBytes called with all bytes so far */
export function createCount(onBytes: (bytes: number) => void = () => {}): CopyCount {
  const count: CopyCount = {
    files: 0,
    folders: 0,
    links: 0,
    bytes: 0,
    leftOut: [],
    add: (bytes) => {
      count.bytes += bytes;
      onBytes(count.bytes);
    },
  };
  return count;
}

export interface CopySettings {
  /** Keeps the numbers of owners and groups. */
  readonly keepOwners: boolean;
  readonly count: CopyCount;
}
