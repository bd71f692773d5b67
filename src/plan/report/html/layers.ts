import { formatBytes } from "../../../image/bytes";
import { count } from "../reportWords";
import { markup, type Markup } from "./markup";
import { compareTexts } from "../../../textOrder";

/** The blobs of an image: layers and configs. */
export type Blobs = readonly { readonly digest: string; readonly size: number }[];

/** Blobs by the source of their image. */
export type ImageBlobs = ReadonlyMap<string, Blobs>;

/** More bars tell nobody anything; the table has the rest. */
const BARS = 40;
/** A blob that would be thinner than this is drawn with its neighbours. In thousandths of the largest image. */
const THINNEST = 4;

/** Where the bytes are: a bar for each image, with what others have too told apart, since a blob is copied once. */
export function layersPicture(blobs: ImageBlobs): Markup {
  const images = [...blobs]
    .map(([source, own]) => ({ source, own, size: own.reduce((sum, { size }) => sum + size, 0) }))
    .sort((a, b) => b.size - a.size || compareTexts(a.source, b.source));
  const largest = images[0]?.size ?? 0;
  if (largest === 0) return markup``;
  const users = new Map<string, number>();
  for (const { own } of images) for (const { digest } of own) users.set(digest, (users.get(digest) ?? 0) + 1);
  const bytes = images.reduce((sum, { size }) => sum + size, 0);
  const once = new Map(images.flatMap(({ own }) => own.map(({ digest, size }) => [digest, size] as const)));
  const distinct = [...once.values()].reduce((sum, size) => sum + size, 0);
  const bars = images.slice(0, BARS).map(({ source, own, size }) => {
    const shared = own.filter(({ digest }) => (users.get(digest) ?? 0) > 1);
    const alone = own.filter(({ digest }) => users.get(digest) === 1);
    return markup`<li>
      <span class="name">${source}</span>
      <svg viewBox="0 0 1000 14" preserveAspectRatio="none" role="img" aria-label="${label(size, shared)}">
        ${[...segments(shared, 0, largest, "shared"), ...segments(alone, bytesOf(shared), largest, "alone")]}
      </svg>
      <span class="size">${formatBytes(size)}</span>
    </li> `;
  });
  const rest = images.length - bars.length;
  return markup`<section id="layers">
    <h2>Layers</h2>
    <p>
      ${formatBytes(bytes)} in ${count(images.length, "image")}, ${formatBytes(distinct)} of them different.
      <span class="key shared"></span> in several images, moved once and mounted for the others
      <span class="key alone"></span> in this image alone
    </p>
    <ol class="bars">
      ${bars}
    </ol>
    ${rest > 0 ? markup`<p>${count(rest, "smaller image")} not drawn.</p>` : undefined}
  </section>`;
}

function label(size: number, shared: readonly { readonly size: number }[]): string {
  return `${formatBytes(size)}, ${formatBytes(bytesOf(shared))} of them in other images too`;
}

const bytesOf = (blobs: readonly { readonly size: number }[]): number => blobs.reduce((sum, { size }) => sum + size, 0);

/** Blobs side by side, largest first; what is too thin to see is one segment at the end. */
function segments(blobs: Blobs, from: number, largest: number, kind: "shared" | "alone"): Markup[] {
  const scale = (size: number): number => Math.round((10_000 * size) / largest) / 10;
  const sorted = [...blobs].sort((a, b) => b.size - a.size || compareTexts(a.digest, b.digest));
  const thick = sorted.filter(({ size }) => scale(size) >= THINNEST);
  const thin = sorted.slice(thick.length);
  let at = from;
  const segment = (size: number, title: string): Markup => {
    const [x, width] = [scale(at), Math.max(scale(size) - 1.5, 0.5)];
    at += size;
    return markup`<rect class="${kind}" x="${x}" y="0" width="${width}" height="14"><title>${title}</title></rect>`;
  };
  return [
    ...thick.map(({ digest, size }) => segment(size, `${digest}, ${formatBytes(size)}`)),
    ...(thin.length > 0
      ? [segment(bytesOf(thin), `${count(thin.length, "blob")}, ${formatBytes(bytesOf(thin))}`)]
      : []),
  ];
}
