declare const rooms: readonly {
  /** Folder or file below src. */
  readonly room: string;
  readonly what: string;
  /** Folders below src that are out of bounds, although they are lower. */
  readonly not?: readonly string[];
  /** Whether it may know Pulumi. Default: no. */
  readonly pulumi?: boolean;
}[];
export = rooms;
