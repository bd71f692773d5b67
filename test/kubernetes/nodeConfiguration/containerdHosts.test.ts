import { containerdHosts } from "../../../src/kubernetes/nodeConfiguration/containerdHosts";
import type { NodeConfiguration } from "../../../src/kubernetes/nodeConfiguration/nodeConfiguration";

const lines = (...text: string[]): string => `${text.join("\n")}\n`;

test.each<[string, NodeConfiguration, Record<string, string>]>([
  [
    "a mirror over http",
    { mirror: { host: "r.test:5000", path: "p" }, plainHttp: true, layout: {}, upstreams: [] },
    {
      "r.test:5000/hosts.toml": lines(
        'server = "http://r.test:5000"',
        "",
        '[host."http://r.test:5000"]',
        '  capabilities = ["pull", "resolve"]',
      ),
    },
  ],
  [
    "a CA, for the mirror's own name and for upstreams",
    { mirror: { host: "r.test" }, caCertificate: "PEM", layout: {}, upstreams: ["quay.io"] },
    {
      "r.test/hosts.toml": lines(
        'server = "https://r.test"',
        'ca = "ca.crt"',
        "",
        '[host."https://r.test"]',
        '  capabilities = ["pull", "resolve"]',
        '  ca = "ca.crt"',
      ),
      "r.test/ca.crt": "PEM",
      "quay.io/hosts.toml": lines(
        'server = "https://quay.io"',
        "",
        '[host."https://r.test"]',
        '  capabilities = ["pull", "resolve"]',
        '  ca = "ca.crt"',
      ),
      "quay.io/ca.crt": "PEM",
    },
  ],
  [
    "paths of the mirror and of the layout",
    { mirror: { host: "r.test", path: "a/b" }, layout: { keepHost: true }, upstreams: ["q.test:5000", "docker.io"] },
    {
      "r.test/hosts.toml": lines(
        'server = "https://r.test"',
        "",
        '[host."https://r.test"]',
        '  capabilities = ["pull", "resolve"]',
      ),
      "docker.io/hosts.toml": lines(
        'server = "https://registry-1.docker.io"',
        "",
        '[host."https://r.test/v2/a/b/docker.io"]',
        '  capabilities = ["pull", "resolve"]',
        "  override_path = true",
      ),
      "q.test:5000/hosts.toml": lines(
        'server = "https://q.test:5000"',
        "",
        '[host."https://r.test/v2/a/b/q.test_5000"]',
        '  capabilities = ["pull", "resolve"]',
        "  override_path = true",
      ),
    },
  ],
])("%s", (_, configuration, files) => {
  expect(containerdHosts(configuration)).toEqual(files);
});

test("holds no login", () => {
  const files = containerdHosts({
    mirror: { host: "r.test" },
    login: { username: "puller", password: "geheim" },
    layout: {},
    upstreams: ["docker.io"],
  });
  expect(JSON.stringify(files)).not.toMatch(/puller|geheim/);
});
