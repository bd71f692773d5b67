import { createHash } from "node:crypto";
import { formatBytes } from "../../../image/bytes";
import { shortDigest, type PlanReport, type ReportedImage } from "../planReport";
import { chartTitle, count, previousWords, SECRET_WORDS, summaryLine } from "../reportWords";
import { layersPicture, type ImageBlobs } from "./layers";
import { markup, Markup } from "./markup";
import { SCRIPT } from "./script";
import { STYLE } from "./style";

/**
 * A report as one page for a browser that needs nothing else: findings first, layers as a picture, images to sort and
 * filter, values before and after, patches as differences, pods with their secrets.
 *
 * It reads the same without scripts. What a chart or a registry wrote stands there as text alone, and the page's own
 * policy lets no script run but the one that it comes with
 * ({@link https://developer.mozilla.org/docs/Web/HTTP/Guides/CSP}).
 *
 * @param blobs of the images whose manifests were read
 */
export function reportHtml(report: PlanReport, blobs: ImageBlobs = new Map()): string {
  const sections = [
    findings(report),
    images(report),
    layersPicture(blobs),
    values(report),
    patches(report),
    pods(report),
  ].filter(({ source }) => source !== "");
  const title = `${chartTitle(report)} → ${report.mirror}`;
  return markup`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        ${Markup.ofOurs(REPORT_MARK)}
        <meta name="referrer" content="no-referrer" />
        <title>${title}</title>
        <style>${Markup.ofOurs(STYLE)}</style>
      </head>
      <body>
        <header>
          <h1>${title}</h1>
          <p>${summaryLine(report)}</p>
          <p class="faint">Compared with ${AGAINST[report.against]}.</p>
        </header>
        <main>${sections}</main>
        <script>${Markup.ofOurs(SCRIPT)}</script>
      </body>
    </html>
`.source;
}

/** By which a page of ours is known again, that the next one may replace. */
export const REPORT_MARK = '<meta name="generator" content="pulumi-chart-mirror" />';

const hashOf = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

const POLICY = [
  "default-src 'none'",
  `style-src ${hashOf(STYLE)}`,
  `script-src ${hashOf(SCRIPT)}`,
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

const AGAINST = {
  registry: "what the mirror holds",
  lock: "the lock file",
  plan: "another plan",
  update: "the last update",
} as const;

const FINDINGS = { escape: "Pulled from outside the mirror", warning: "Warning", info: "Note" } as const;

function findings({ warnings }: PlanReport): Markup {
  if (warnings.length === 0) return markup``;
  // What escapes the mirror is why most people open this page.
  const sorted = [...warnings].sort((a, b) => Number(b.severity === "escape") - Number(a.severity === "escape"));
  return markup`<section id="findings">
    <h2>${count(warnings.length, "finding")}</h2>
    <ul class="findings">
      ${sorted.map(
        ({ severity, code, message }) =>
          markup`<li class="${severity}">
            <strong>${FINDINGS[severity]}: <code>${code}</code></strong>
            <div>${message}</div>
          </li> `,
      )}
    </ul>
  </section>`;
}

function images({ images: all }: PlanReport): Markup {
  if (all.length === 0) return markup``;
  return markup`<section id="images">
    <h2>${count(all.length, "image")}</h2>
    ${table(["State", "Image", "Target", "Digest", "Size", "Platforms", "Found"], all.map(imageRow), "Filter images")}
  </section>`;
}

function imageRow(image: ReportedImage): Markup {
  const { change, source, target, digest, size, platforms = [], found } = image;
  const was = previousWords(image);
  return markup`<tr>
    <td class="state ${change}">${change}</td>
    <td class="mono">${source}${was === "" ? undefined : markup`<div class="note">${was}</div>`}</td>
    <td class="mono">${target}</td>
    <td class="mono digest">
      ${digest === undefined ? "unknown" : markup`<span title="${digest}">${shortDigest(digest)}</span>`}
    </td>
    <td class="number" data-number="${size ?? -1}">${size === undefined ? "" : formatBytes(size)}</td>
    <td>${platforms.join(", ")}</td>
    <td>${places(image)}${found.length === 0 && change !== "gone" ? "named by you" : ""}</td>
  </tr> `;
}

function places({ found }: ReportedImage): Markup | undefined {
  const [first, ...more] = found.map(
    ({ evidence, object, path, hook }) =>
      markup`<div>
        ${evidence} of <span class="mono">${object}</span>${hook === undefined ? "" : ` (${hook} hook)`}
        <span class="mono faint">${path}</span>
      </div>`,
  );
  if (more.length === 0) return first;
  return markup`${first}
    <details>
      <summary>and ${more.length} more</summary>
      ${more}
    </details>`;
}

function values({ overrides, overridesGone }: PlanReport): Markup {
  const all = overrides.length + overridesGone.length;
  if (all === 0) return markup``;
  const shown = (value: unknown): string => (value === undefined ? "not set" : JSON.stringify(value));
  return markup`<section id="values">
    <h2>${count(all, "value")} to set</h2>
    ${table(
      ["Value", "Before", "After", "Why"],
      [
        ...overrides.map(
          ({ path, previous, value, reason, change }) =>
            markup`<tr>
              <td class="mono">${path}</td>
              <td class="mono">${shown(previous)}</td>
              <td class="mono">${shown(value)}</td>
              <td>${reason}${change === undefined || change === "same" ? "" : ` (${change})`}</td>
            </tr> `,
        ),
        ...overridesGone.map(
          (path) =>
            markup`<tr>
              <td class="mono">${path}</td>
              <td></td>
              <td>not set any more</td>
              <td></td>
            </tr> `,
        ),
      ],
      "Filter values",
    )}
  </section>`;
}

function patches({ patches: all }: PlanReport): Markup {
  if (all.length === 0) return markup``;
  return markup`<section id="patches">
    <h2>${count(all.length, "line")} of the chart patched</h2>
    <p class="faint">No value reaches them; the release is deployed from a copy of the chart.</p>
    ${all.map(
      ({ file, line, before, after }) =>
        markup`<h3 class="mono">${file}:${line}</h3>
          <div class="table">
            <pre class="diff"><span class="before">- ${before.trim()}</span>
<span class="after">+ ${after.trim()}</span></pre>
          </div> `,
    )}
  </section>`;
}

function pods({ pods: all }: PlanReport): Markup {
  if (all.length === 0) return markup``;
  return markup`<section id="pods">
    <h2>Pull secrets of ${count(all.length, "pod")}</h2>
    ${table(
      ["Kind", "Namespace", "Name", "Service account", "Pull secret"],
      all.map(
        ({ kind, namespace = "", name, serviceAccount, via }) =>
          markup`<tr>
            <td>${kind}</td>
            <td>${namespace}</td>
            <td class="mono">${name}</td>
            <td class="mono">${serviceAccount}</td>
            <td class="${via === "none" ? "moved" : "same"}">${SECRET_WORDS[via]}</td>
          </tr> `,
      ),
      "Filter pods",
    )}
  </section>`;
}

function table(headings: readonly string[], rows: readonly Markup[], filter: string): Markup {
  return markup`<div class="table">
    <table data-sortable="${filter}">
      <thead>
        <tr>
          ${headings.map((heading) => markup`<th scope="col">${heading}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}
