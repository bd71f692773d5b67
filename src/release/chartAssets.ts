import * as pulumi from "@pulumi/pulumi";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ChartRepositoryOpts } from "./chartMirrorArgs";
import { TemporaryFolder } from "../files/temporaryFolder";
import { assetPath, assetText, isAsset } from "../inputs/assets";

/**
 * Values in which an asset stands for its content, as `kubernetes.helm.v4.Chart` takes them. Outputs stay Outputs, at
 * their leaves.
 *
 * @throws {MirrorError} `UNREADABLE_ASSET` in the promise that stands where the asset was
 */
export function withAssetTexts<T>(values: T): T {
  return replaceAssets(values) as T;
}

function replaceAssets(value: unknown): unknown {
  if (isAsset(value)) {
    const text = assetText(value, "an asset among the values");
    // The plan awaits the values and reports the error; until then it must not end the program.
    text.catch(() => undefined);
    return text;
  }
  if (pulumi.Output.isInstance(value) || value instanceof Promise) return pulumi.output(value).apply(replaceAssets);
  if (Array.isArray(value)) return value.map(replaceAssets);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, replaceAssets(inner)]));
}

/** The `repositoryOpts` of `kubernetes.helm.v4.Chart`, which has assets where `helm.v3.Release` has paths. */
export function repositoryFiles(
  opts: pulumi.Input<
    | Readonly<Record<string, pulumi.Input<string | pulumi.asset.Asset | pulumi.asset.Archive | undefined>>>
    | object
    | undefined
  >,
  plainHttp: pulumi.Input<boolean | undefined>,
): pulumi.Input<ChartRepositoryOpts | undefined> {
  if (opts === undefined && plainHttp === undefined) return undefined;
  return pulumi.all([opts ?? {}, plainHttp]).apply(async ([known, plain]) => {
    const entries = Object.entries(known).map(async ([key, value]): Promise<[string, unknown]> => [
      key,
      isAsset(value) ? await fileOf(value, `the ${key} of the chart's repository`) : value,
    ]);
    return {
      ...(Object.fromEntries(await Promise.all(entries)) as ChartRepositoryOpts),
      ...(plain !== undefined && { plainHttp: plain }),
    };
  });
}

/** The file of an asset: its own, or one that lives as long as this process and that nobody else can read. */
async function fileOf(asset: unknown, what: string): Promise<string> {
  const path = await assetPath(asset);
  if (path !== undefined) return path;
  const text = await assetText(asset, what);
  const file = join(TemporaryFolder.makeNow().path, "asset");
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}
