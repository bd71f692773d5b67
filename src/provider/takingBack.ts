import type * as dynamic from "@pulumi/pulumi/dynamic";

/**
 * A dynamic provider for resources that may come back from the plugin. Pulumi reads the provider's text out of what it keeps
 * of a resource when it is refreshed or deleted, and what the plugin has made for a program of another language has none:
 * the first update in a Node.js program writes it.
 */
export function takingBack(provider: dynamic.ResourceProvider): dynamic.ResourceProvider {
  return {
    ...provider,
    async diff(id: string, olds: Readonly<Record<string, unknown>>, news: unknown) {
      const result = (await provider.diff?.(id, olds, news)) ?? {};
      return olds["__provider"] === undefined ? { ...result, changes: true } : result;
    },
  };
}
