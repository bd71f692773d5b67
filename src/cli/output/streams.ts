/** Where a command writes: results on `out`, words for people on `err`. */
export interface Streams {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Like `err`, for what a terminal is to obey: never with a text that somebody else wrote. */
  readonly draw?: (text: string) => void;
  /** Like `out`, for what a terminal is to obey: never with a text that somebody else wrote. */
  readonly drawOut?: (text: string) => void;
  /** The width of the terminal that `err` is shown on; absent where it is none. */
  readonly columns?: () => number;
  /** Whether `out` goes into a pipe, whose reader may write to the terminal that `err` is shown on (`| tee log`). */
  readonly isPiped?: boolean;
  /** Whether `err` is shown where colours are wanted. */
  readonly colours?: boolean;
  /** Whether `out` is. */
  readonly outColours?: boolean;
  /**
   * Calls back when the process is about to end before its work: at a signal, or when nobody reads its output any more.
   * Returns what takes the callback away.
   */
  readonly onInterrupt?: (tell: () => void) => () => void;
}
