/** What a registry makes the process wait for; not bound to one image. */
export type RegistryEvent =
  | {
      readonly type: "retry";
      readonly host: string;
      readonly doing: string;
      readonly reason: string;
      readonly delayMs: number;
    }
  /** The registry asked for a pause (429 or 503), which every request to the host keeps. */
  | { readonly type: "paused"; readonly host: string; readonly reason: string; readonly delayMs: number };
