import type { JsonObject, JsonPath } from "../../json";
import { findMarkers, type Trial } from "./markers";
import { RenderError } from "../render/render";
import { untilSpent } from "../render/renderBudget";
import { formatValuePath, valueAt } from "../content/valuePaths";

/** Renders with these trials in place and these guards switched off. */
export type TrialRender<M extends Trial, T> = (trials: readonly M[], guards: readonly JsonPath[]) => Promise<T>;

/** A render with the trials that the chart let pass; the others make it fail. */
export interface TrialRendering<M extends Trial, T> {
  readonly result: T;
  readonly live: readonly M[];
}

/** How many renders the search for the culprits of failing renders may still take. */
export class SearchAllowance {
  constructor(private left = 24) {}

  /** Takes one, where there is any. */
  take(): boolean {
    return this.left-- > 0;
  }
}

/**
 * Renders with trials although some of them may make the chart fail (schemas, enums, `fail`): those are found, first by
 * what the error names, then by halving, and left out. Guards against other registries, recognised by the error that
 * names them, are switched off and remembered.
 */
export class TrialRenderer {
  readonly #guards: JsonPath[] = [];
  /** A guard that is likely in the way, until the first render has shown whether it is. */
  private suspect: JsonPath | undefined;

  constructor(
    /** The coalesced values, and the paths that templates mention: what an error may name. */
    private readonly values: JsonObject,
    private readonly mentioned: readonly JsonPath[],
  ) {
    const suspects = mentioned.filter(
      (path) => KNOWN_GUARD.test(String(path.at(-1))) && valueAt(values, path) !== true,
    );
    if (suspects.length === 1) [this.suspect] = suspects;
  }

  /** The guards that had to be switched off so far: paths whose value must be `true`. */
  get guards(): readonly JsonPath[] {
    return this.#guards;
  }

  /** @throws the render's own error when it fails without any trial, too */
  async probe<M extends Trial, T>(
    trials: readonly M[],
    render: TrialRender<M, T>,
    allowance = new SearchAllowance(),
  ): Promise<TrialRendering<M, T>> {
    let left = trials;
    for (;;) {
      const attempt = await this.attempt(left, render);
      if ("result" in attempt) return { result: attempt.result, live: left };
      if (left.length === 0) throw attempt.error;
      const named = namedTrials(attempt.error.failure.output, left);
      if (named.size === 0) return this.search(left, render, allowance);
      left = left.filter((trial) => !named.has(trial));
    }
  }

  /** Renders; where it fails because of guards, once more without them. */
  async attempt<M extends Trial, T>(trials: readonly M[], render: TrialRender<M, T>): Promise<Tried<T>> {
    const { suspect } = this;
    this.suspect = undefined;
    // Most charts with such a guard fail with the first marker: both renders side by side take no longer than one.
    const ahead = suspect && tried(() => render(trials, [...this.#guards, suspect]));
    ahead?.catch(() => undefined);
    const first = await tried(() => render(trials, this.#guards));
    if ("result" in first) return first;
    const before = this.#guards.length;
    let { error } = first;
    for (;;) {
      const next = await this.withoutOneGuard(error, (guards) =>
        ahead && guards.length === before + 1 && guards.at(-1)?.join() === suspect.join()
          ? ahead
          : tried(() => render(trials, guards)),
      );
      if (next && "result" in next) return next;
      if (!next) {
        // Guards that did not help in the end are none.
        this.#guards.length = before;
        return first;
      }
      error = next.error;
    }
  }

  /** Switches off the guard that an error names: the one without which the chart renders, or fails in another way. */
  private async withoutOneGuard<T>(
    error: RenderError,
    render: (guards: readonly JsonPath[]) => Promise<Tried<T>>,
  ): Promise<Tried<T> | undefined> {
    for (const guard of this.guardsNamed(error.failure.reason)) {
      const next = await render([...this.#guards, guard]);
      if ("error" in next && next.error.failure.reason === error.failure.reason) continue;
      this.#guards.push(guard);
      return next;
    }
    return undefined;
  }

  private async search<M extends Trial, T>(
    trials: readonly M[],
    render: TrialRender<M, T>,
    allowance: SearchAllowance,
  ): Promise<TrialRendering<M, T>> {
    let best: TrialRendering<M, T> | undefined;
    const waiting = halves(trials);
    while (waiting.length > 0 && allowance.take()) {
      const chunk = waiting.shift() as readonly M[];
      const live = [...(best?.live ?? []), ...chunk];
      const attempt = await untilSpent<Tried<T> | undefined>(
        () => this.attempt(live, render),
        () => undefined,
      );
      if (!attempt) break;
      if ("result" in attempt) {
        best = { result: attempt.result, live };
        continue;
      }
      const named = namedTrials(attempt.error.failure.output, chunk);
      const left = chunk.filter((trial) => !named.has(trial));
      if (named.size > 0 && left.length > 0) waiting.unshift(left);
      else if (named.size === 0 && chunk.length > 1) waiting.unshift(...halves(chunk));
    }
    if (best) return best;
    const bare = await this.attempt([], render);
    if ("result" in bare) return { result: bare.result, live: [] };
    throw bare.error;
  }

  /** Switches that a chart's own message names, those that sound like guards first. */
  private guardsNamed(message: string): JsonPath[] {
    const named = [...message.matchAll(/(?<![\w-])[\w-]+(?:\.[\w-]*\w)+/g)]
      .map(([text]) => text.replace(/^[\d.-]+/, ""))
      .filter((text) => text.includes("."))
      .map((text) => text.replace(/^Values\./, ""));
    const paths = [...new Set(named)].map((name) => name.split("."));
    const like = (path: readonly string[]): boolean => GUARD.test(path.at(-1) as string);
    return paths
      .filter((path) => {
        if (this.#guards.some((guard) => formatValuePath(guard) === formatValuePath(path))) return false;
        const value = valueAt(this.values, path);
        if (value !== undefined) return value === false;
        return like(path) && this.mentioned.some((mention) => formatValuePath(mention) === formatValuePath(path));
      })
      .sort((a, b) => Number(like(b)) - Number(like(a)));
  }
}

/** The guard of Bitnami's library chart, which is part of very many charts. */
const KNOWN_GUARD = /^allowInsecureImages$/;

const GUARD = /allow|insecure|skip|trust|unsafe|verif/i;

type Tried<T> = { readonly result: T } | { readonly error: RenderError };

async function tried<T>(render: () => Promise<T>): Promise<Tried<T>> {
  try {
    return { result: await render() };
  } catch (error) {
    if (error instanceof RenderError) return { error };
    throw error;
  }
}

/** The trials that an error is about: it quotes their marker, names their path as `a.b` or as a JSON pointer, or the file that they broke. */
export function namedTrials<M extends Trial>(message: string, trials: readonly M[]): Set<M> {
  const ids = new Set(findMarkers(message).map((hit) => hit.id));
  const named = new Set(trials.filter((trial) => ids.has(trial.id)));
  if (named.size > 0) return named;
  const unwanted = unwantedProperties(message);
  const charts = failingSubcharts(message);
  // What a sub-chart calls `.Values.a` stands below its name.
  const isOwn = (path: JsonPath): boolean =>
    charts.some(
      (chart) =>
        chart.every((name, i) => path[i] === name) &&
        mentions(message, `Values.${formatValuePath(path.slice(chart.length)).replace(/\[(\d+)\]/g, ".$1")}`),
    );
  const own = trials.filter(({ valuePath }) => valuePath && isOwn(valuePath));
  if (own.length > 0) return new Set(own);
  for (const trial of trials) {
    if (!trial.valuePath) continue;
    const dotted = formatValuePath(trial.valuePath).replace(/\[(\d+)\]/g, ".$1");
    const pointer = `/${trial.valuePath.join("/")}`;
    if (mentions(message, dotted) || mentions(message, pointer)) named.add(trial);
    // A schema of a sub-chart speaks of its own values.
    else if (unwanted.some((property) => `${pointer}/`.includes(`${property}/`))) named.add(trial);
  }
  if (named.size > 0) return named;
  // A helper template speaks of what it was given.
  const maps = mapsWanted(message);
  const standsFor = (path: JsonPath, map: readonly string[]): boolean =>
    map.every((key, i) => path.at(i - map.length) === key);
  const wanted = trials.filter(({ valuePath }) => valuePath && maps.some((map) => standsFor(valuePath, map)));
  if (wanted.length > 0) return new Set(wanted);
  const broken = brokenTemplates(message);
  return new Set(trials.filter(({ file }) => file !== undefined && broken.some((path) => isTemplateAt(file, path))));
}

/** The templates that render no YAML, as Helm names them: `app/charts/sub/templates/pod.yaml`. */
function brokenTemplates(message: string): string[] {
  return [...message.matchAll(/YAML parse error on ([^\s:]{1,500}):/g)].map(([, path = ""]) => path);
}

/** Whether a file of a chart, `charts/sub-1.0.tgz/sub/templates/pod.yaml` for example, is the template that Helm means. */
function isTemplateAt(location: string, path: string): boolean {
  const split = (text: string): [string[], string] => {
    const segments = text.split("/");
    const at = segments.indexOf("templates");
    return [segments.slice(0, Math.max(0, at)), segments.slice(at).join("/")];
  };
  const [folders, template] = split(location);
  const [charts, named] = split(path);
  return template === named && (charts.length === 1 ? folders.length === 0 : folders.at(-1) === charts.at(-1));
}

/** The ends of paths at which a template wants a map: `a`, `b` of `at <.Values.a.b.c>: can't evaluate field c in type interface {}`. */
function mapsWanted(message: string): string[][] {
  return [...message.matchAll(/at <\$?\.([\w.]{1,200})>: can't evaluate field (\w{1,100}) in type/g)].flatMap(
    ([, place = "", field = ""]) => {
      const keys = place.replace(/^Values\./, "").split(".");
      const map = keys.slice(0, keys.lastIndexOf(field));
      return map.length > 0 ? [map] : [];
    },
  );
}

/** The names of the sub-charts, outermost first, whose templates an error is about: `app/charts/a/charts/b/templates/x.yaml`. */
function failingSubcharts(message: string): string[][] {
  return [...message.matchAll(/[\w./-]+/g)]
    .flatMap(([path]) => path.split("/templates/").slice(0, -1).map(subchartsAt))
    .filter((chain) => chain.length > 0);
}

/** `a`, `b` of `app/charts/a/charts/b`. */
function subchartsAt(folder: string): string[] {
  const segments = folder.split("/");
  const names: string[] = [];
  for (let i = segments.length - 1; i > 1 && segments[i - 1] === "charts" && segments[i] !== ""; i -= 2)
    names.push(segments[i] as string);
  return names.reverse();
}

/** Pointers to the properties that a schema does not know: `- at '/a': additional properties 'b', 'c' not allowed`. */
function unwantedProperties(message: string): string[] {
  return [...message.matchAll(/at '([^']*)': additional properties ((?:'[^']*'(?:, )?)+) not allowed/g)].flatMap(
    ([, pointer = "", names = ""]) => [...names.matchAll(/'([^']*)'/g)].map(([, name = ""]) => `${pointer}/${name}`),
  );
}

function mentions(message: string, path: string): boolean {
  const at = message.indexOf(path);
  return at >= 0 && !/[\w/-]/.test(message[at + path.length] ?? " ") && !/[\w/-]/.test(message[at - 1] ?? " ");
}

function halves<T>(items: readonly T[]): (readonly T[])[] {
  const middle = Math.ceil(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)].filter((half) => half.length > 0);
}
