import type { Advice } from "../../settingWords";
import type { Descriptor } from "../manifest/descriptor";

/** Layers that a message names; their number tells the rest. */
const NAMED = 3;

/** What it means that foreign layers of an image are left where they are. */
export function leftOut(layers: readonly Descriptor[]): { readonly message: string; readonly advice: Advice } {
  const named = layers.slice(0, NAMED).map(({ digest }) => digest);
  const more = layers.length > NAMED ? ` and ${layers.length - NAMED} more` : "";
  const hosts = foreignHosts(layers);
  return {
    message:
      `its foreign layer${layers.length === 1 ? "" : "s"} ${named.join(", ")}${more} ${layers.length === 1 ? "is" : "are"} not copied: ` +
      `nodes pull ${layers.length === 1 ? "it" : "them"} from ${hosts.length > 0 ? hosts.join(", ") : "no place that the image names"}`,
    advice: ({ copyForeignLayers }) =>
      `Where nodes do not reach that, have foreign layers copied (${copyForeignLayers}) as far as their licence allows it`,
  };
}

/** The hosts that hold foreign layers, each once. */
export function foreignHosts(layers: readonly Descriptor[]): string[] {
  const urls = layers.flatMap(({ urls = [] }) => urls).slice(0, 100);
  return [...new Set(urls.flatMap((url) => (URL.canParse(url) ? [new URL(url).host] : [])))];
}
