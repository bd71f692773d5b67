import { upstreamHosts } from "../../../src/kubernetes/nodeConfiguration/nodeConfiguration";

test.each<[string, string[], string[]]>([
  ["none", [], []],
  ["each once, sorted", ["quay.io/a/b:1", "docker.io/library/nginx:1", "quay.io/c/d:2"], ["docker.io", "quay.io"]],
  ["ports stay", ["r.test:5000/a:1"], ["r.test:5000"]],
  ["Docker Hub under its other names", ["index.docker.io/a/b:1", "nginx"], ["docker.io"]],
  ["the mirror is left out", ["mirror.test:443/a/b:1", "mirror.test/a/b:1"], ["mirror.test"]],
])("upstreamHosts: %s", (_, sources, hosts) => {
  const images = sources.map((source) => ({ source }));
  expect(upstreamHosts({ images }, { host: "mirror.test:443" })).toEqual(hosts);
});
