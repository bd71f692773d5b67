import { MirrorErrors } from "../../error";
import type { SettingWords } from "../../settingWords";
import { errorAddresses } from "../../machine/errorAddress";
import { messageOf } from "../options/commandLineWords";
import type { SelectedImage } from "./copySelection";

/** An image that was not copied, and why. */
export interface FailedImage {
  readonly image: Pick<SelectedImage, "written" | "target">;
  readonly error: Error;
}

/** The same as {@link describeFailures}, with where to read on. */
export function failureText(failed: readonly FailedImage[], words?: SettingWords): string {
  const errors = new MirrorErrors(
    "copying images",
    failed.map(({ error }) => error),
  );
  return [`error: ${describeFailures(failed, words)}`, errorAddresses(errors)].filter(Boolean).join("\n");
}

/**
 * Why images were not copied, each reason once: one refused login fails every image of its registry with the same words.
 * Where the words do not name the images, they follow.
 */
export function describeFailures(failed: readonly FailedImage[], words?: SettingWords): string {
  const byMessage = new Map<string, FailedImage["image"][]>();
  for (const { image, error } of failed) {
    const message = messageOf(error, words);
    byMessage.set(message, [...(byMessage.get(message) ?? []), image]);
  }
  const reasons = [...byMessage].map(([message, images]) => {
    if (images.every(({ written, target }) => message.includes(written) || message.includes(target))) return message;
    const names = images.map(({ written }) => written);
    return `${message}\n     ${names.length === 1 ? "image" : `${names.length} images`}: ${names.join(", ")}`;
  });
  const [only] = reasons;
  if (only !== undefined && reasons.length === 1) return only;
  const problems = reasons.map((reason) => new Error(reason));
  return new MirrorErrors("copying images", problems).message;
}
