import { parseReference, formatReference } from "../../src/image/reference";
import { ruleFor } from "../../src/trust/trustPolicy";

const SPELLINGS = {
  "quay.io": ["quay.io", "QUAY.IO", "quay.io:443", "Quay.io:0443"],
  "docker.io": ["docker.io", "Docker.IO", "index.docker.io", "registry-1.docker.io:443", "registry.hub.docker.com"],
};

describe.each(Object.entries(SPELLINGS))("a rule for %s", (host, spellings) => {
  const rule = { pattern: `${host}/shop/*`, key: "PEM" };

  it.each(spellings)("is one for images of %s", (spelling) => {
    const written = `${spelling}/shop/app:1`;
    expect(ruleFor([rule], written)).toBe(rule);
    expect(ruleFor([rule], formatReference(parseReference(written)))).toBe(rule);
  });

  it.each(spellings)("may be written with %s", (spelling) => {
    const written = { ...rule, pattern: `${spelling}/shop/*` };
    expect(ruleFor([written], `${host}/shop/app:1`)).toBe(written);
  });

  it("is none for other registries", () => {
    for (const other of [`${host}:5000`, `${host}.example.com`, `evil-${host}`])
      expect(ruleFor([rule], `${other}/shop/app:1`)).toBeUndefined();
  });
});

it("the first rule that fits decides", () => {
  const rules = [
    { pattern: "*.example.com/*", unsigned: true },
    { pattern: "*", key: "PEM" },
  ];
  expect(ruleFor(rules, "REGISTRY.Example.com/app:1")).toBe(rules[0]);
  expect(ruleFor(rules, "docker.io/library/nginx:1")).toBe(rules[1]);
});
