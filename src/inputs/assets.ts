import * as pulumi from "@pulumi/pulumi";
import { readFile } from "node:fs/promises";
import { MirrorError } from "../error";
import { failureReason } from "../files/fileError";

/** An asset that cannot be read on this machine. `code` is `UNREADABLE_ASSET`. */
export function unreadableAsset(what: string, reason: string, options?: ErrorOptions): MirrorError {
  return new MirrorError(
    "UNREADABLE_ASSET",
    `Reading ${what} failed: ${reason}`,
    "Give a FileAsset of a file that is there, or a StringAsset",
    options,
  );
}

/** Whether a value is an asset or an archive; no type guard, since every object has the shape of their types. */
export function isAsset(value: unknown): boolean {
  return pulumi.asset.Asset.isInstance(value) || pulumi.asset.Archive.isInstance(value);
}

/**
 * The file of an asset, for one that is a file.
 *
 * An asset that has been inside an Output is no instance of its class any more, so only its fields tell what it is.
 */
export async function assetPath(asset: unknown): Promise<string | undefined> {
  const { path } = asset as { path?: pulumi.Input<string> };
  return isFileOrText(asset) && path !== undefined ? ((await path) as string) : undefined;
}

/**
 * The content of a `FileAsset` or a `StringAsset`.
 *
 * @param what the asset in words, for the error
 * @throws {MirrorError} `UNREADABLE_ASSET`
 */
export async function assetText(asset: unknown, what: string): Promise<string> {
  const { text } = asset as { text?: pulumi.Input<string> };
  if (isFileOrText(asset) && text !== undefined) return (await text) as string;
  const path = await assetPath(asset);
  if (path === undefined) throw unreadableAsset(what, "only FileAsset and StringAsset are supported");
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw unreadableAsset(what, failureReason(error), { cause: error });
  }
}

function isFileOrText(asset: unknown): boolean {
  return pulumi.asset.Asset.isInstance(asset);
}
