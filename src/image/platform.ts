/** A platform as image indexes name it ({@link https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md}). */
export interface Platform {
  os: string;
  architecture: string;
  variant?: string;
  "os.version"?: string;
}

/**
 * Writes a platform as `os/architecture[/variant]`.
 *
 * @example `formatPlatform({ os: "linux", architecture: "arm", variant: "v7" })` is `"linux/arm/v7"`.
 */
export function formatPlatform(platform: Platform): string {
  return [platform.os, platform.architecture, platform.variant].filter(Boolean).join("/");
}

/** Reads `os/architecture[/variant]`; undefined when the text has another form. */
export function parsePlatform(text: string): Platform | undefined {
  const [os, architecture, variant, ...rest] = text.split("/");
  if (!os || !architecture || rest.length > 0 || variant === "") return undefined;
  return variant ? { os, architecture, variant } : { os, architecture };
}
