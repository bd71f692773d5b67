import { RenderError } from "../../../src/chart/render/render";
import { namedTrials, SearchAllowance, TrialRenderer } from "../../../src/chart/solve/trialRender";
import type { Trial } from "../../../src/chart/solve/markers";
import type { JsonPath } from "../../../src/json";

const trial = (id: number, ...valuePath: string[]): Trial => ({ id, valuePath });
const failure = (output: string): RenderError => new RenderError("chart", { reason: output, output });

describe("namedTrials", () => {
  const trials = [trial(1, "image", "registry"), trial(2, "sub", "image", "registry"), trial(12, "mode")];
  test.each([
    ["a quoted marker", 'no such mode "mk12.mk.test"', [12]],
    ["a dotted path", "image.registry is removed", [1]],
    ["a path with .Values", "<.Values.mode>: wrong type", [12]],
    ["a JSON pointer", "- at '/mode': value must be one of 'a', 'b'", [12]],
    [
      "a property that a sub-chart's schema does not know",
      "sub:\n- at '/image': additional properties 'registry' not allowed",
      [1, 2],
    ],
    [
      "a value of the sub-chart whose template fails",
      'template: app/charts/sub/templates/NOTES.txt:7:1: executing "app/charts/sub/templates/NOTES.txt" at <.Values.image.registry.enabled>: can\'t evaluate field enabled',
      [2],
    ],
    [
      "a text where a helper template wants a map",
      'template: app/charts/common/templates/_x.tpl:15:18: executing "common.x" at <.mode.kind>: can\'t evaluate field kind in type interface {}',
      [12],
    ],
    ["a longer path only", "image.registryName is removed", []],
    ["nothing", "wrong", []],
  ])("%s", (_, message, expected) => {
    expect([...namedTrials(message, trials)].map(({ id }) => id)).toEqual(expected);
  });
});

describe("namedTrials, of files", () => {
  const locations = [
    "templates/pod.yaml",
    "templates/jobs/pod.yaml",
    "charts/sub/templates/pod.yaml",
    "charts/packed-1.0.tgz/packed/templates/pod.yaml",
  ];
  const trials = locations.map((file, i) => ({ id: i + 1, file }));
  test.each([
    ["app/templates/pod.yaml", [1]],
    ["app/templates/jobs/pod.yaml", [2]],
    ["app/charts/sub/templates/pod.yaml", [3]],
    ["app/charts/packed/templates/pod.yaml", [4]],
    ["app/charts/other/templates/pod.yaml", []],
  ])("are those of a template that renders no YAML: %s", (path, expected) => {
    const message = `Error: YAML parse error on ${path}: error converting YAML to JSON: yaml: line 3: did not find expected key`;
    expect([...namedTrials(message, trials)].map(({ id }) => id)).toEqual(expected);
    expect(namedTrials(`execution error at (${path}:3:4): no`, trials).size).toBe(0);
  });
});

describe("TrialRenderer", () => {
  /** A chart that fails as soon as one of these trials is in. */
  const failing =
    (bad: ReadonlySet<number>, message = "wrong") =>
    (trials: readonly Trial[]): Promise<readonly number[]> => {
      const culprits = trials.filter(({ id }) => bad.has(id));
      if (culprits.length > 0) return Promise.reject(failure(message.replace("ID", String(culprits[0]?.id))));
      return Promise.resolve(trials.map(({ id }) => id));
    };
  const many = Array.from({ length: 40 }, (_, i) => trial(i + 1, `value${i + 1}`));

  test.each([
    ["nobody", []],
    ["one", [17]],
    ["the first and the last", [1, 40]],
    ["neighbours", [8, 9, 10]],
  ])("leaves out %s by halving", async (_, bad) => {
    const { result, live } = await new TrialRenderer({}, []).probe(many, failing(new Set(bad)));
    const good = many.map(({ id }) => id).filter((id) => !bad.includes(id));
    expect(live.map(({ id }) => id)).toEqual(good);
    expect(result).toEqual(good);
  });

  test("ends a search where it may take no more", async () => {
    const render = jest.fn(failing(new Set([1, 40])));
    const { live } = await new TrialRenderer({}, []).probe(many, render, new SearchAllowance(3));
    expect(live).toEqual([]);
    expect(render).toHaveBeenCalledTimes(5);
  });

  test("asks only once more when the error names the culprit", async () => {
    const render = jest.fn(failing(new Set([7]), "mkID.mk.test is no registry"));
    const { live } = await new TrialRenderer({}, []).probe(many, render);
    expect(live).toHaveLength(39);
    expect(render).toHaveBeenCalledTimes(2);
  });

  test("throws the chart's own error when it renders without any trial no more", async () => {
    const broken = (): Promise<never> => Promise.reject(failure("broken"));
    await expect(new TrialRenderer({}, []).probe(many, broken)).rejects.toThrow("broken");
  });

  test("lets other errors through", async () => {
    const crash = (): Promise<never> => Promise.reject(new TypeError("crash"));
    await expect(new TrialRenderer({}, []).probe(many, crash)).rejects.toThrow(TypeError);
  });

  describe("guards", () => {
    const guarded =
      (message: string) =>
      (_: readonly Trial[], guards: readonly JsonPath[]): Promise<string> =>
        guards.some((guard) => guard.join(".") === "global.security.allowInsecureImages")
          ? Promise.resolve("rendered")
          : Promise.reject(failure(message));
    const message = "set the parameter 'global.security.allowInsecureImages' to true.";

    test.each([
      ["that is false", { global: { security: { allowInsecureImages: false } } }, []],
      ["that only templates know", {}, [["global", "security", "allowInsecureImages"]]],
    ])("switches one off %s", async (_, values, mentioned) => {
      const renderer = new TrialRenderer(values, mentioned);
      expect((await renderer.probe(many, guarded(message))).live).toHaveLength(40);
      expect(renderer.guards).toEqual([["global", "security", "allowInsecureImages"]]);
    });

    test("tries the guard that very many charts have beside the render that shows whether it is in the way", async () => {
      const asked: string[] = [];
      let release = (): void => undefined;
      const both = new Promise<void>((done) => (release = done));
      const render = async (trials: readonly Trial[], guards: readonly JsonPath[]): Promise<string> => {
        asked.push(guards.map((guard) => guard.join(".")).join());
        if (asked.length === 2) release();
        await both;
        return guarded(message)(trials, guards);
      };
      const renderer = new TrialRenderer({}, [["global", "security", "allowInsecureImages"]]);
      expect(await renderer.attempt(many, render)).toEqual({ result: "rendered" });
      expect(await renderer.attempt(many, render)).toEqual({ result: "rendered" });
      const guard = "global.security.allowInsecureImages";
      expect(asked.sort()).toEqual(["", guard, guard]);
    });

    test("leaves that guard alone where it is not in the way", async () => {
      const renderer = new TrialRenderer({}, [["global", "security", "allowInsecureImages"]]);
      expect(await renderer.attempt(many, () => Promise.resolve("rendered"))).toEqual({ result: "rendered" });
      expect(renderer.guards).toEqual([]);
    });

    test("forgets one that did not help", async () => {
      const renderer = new TrialRenderer({ ingress: { enabled: false } }, []);
      const attempt = await renderer.attempt([], () => Promise.reject(failure("ingress.enabled is false")));
      expect(attempt).toHaveProperty("error");
      expect(renderer.guards).toEqual([]);
    });
  });
});
