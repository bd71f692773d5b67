import type { LayerOptions, SyntheticImage } from "./image";
import { makeImage } from "./makeImage";

/** What {@link makeRunnableImage} makes. */
export interface RunnableOptions {
  /** A statically linked program. */
  binary: Uint8Array;
  args?: readonly string[];
  env?: Readonly<Record<string, string>>;
  /** Default `["linux/amd64"]`; every platform gets the same program. */
  platforms?: readonly string[];
  /** Makes images of the same program differ. */
  seed?: string;
}

/** Images of one program share its layer. */
const programs = new WeakMap<Uint8Array, LayerOptions>();

function programLayer(binary: Uint8Array): LayerOptions {
  const layer = programs.get(binary) ?? { files: { app: binary }, mode: 0o755 };
  programs.set(binary, layer);
  return layer;
}

/** An image that a container runtime can start: the program is `/app`, and runs as user 1000. */
export function makeRunnableImage({ binary, args, env, platforms, seed }: RunnableOptions): SyntheticImage {
  return makeImage({
    ...(platforms && { platforms }),
    layers: [programLayer(binary), ...(seed === undefined ? [] : [{ files: { "etc/seed": seed } }])],
    config: {
      Entrypoint: ["/app"],
      ...(args && { Cmd: args }),
      ...(env && { Env: Object.entries(env).map(([name, value]) => `${name}=${value}`) }),
      User: "1000",
      WorkingDir: "/",
    },
  });
}
