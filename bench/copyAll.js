// Copies images in one process, as the provider and the command do: `CA-FILE|- SOURCE=TARGET ...`.
// As bin/chart-mirror does: compiled code is kept for the next start.
if (!process.version.startsWith("v20.")) require("node:module").enableCompileCache?.();
const { readFileSync } = require("node:fs");
const { parseReference } = require("../dist/image/reference");
const { Registries } = require("../dist/oci/registries");

const [ca, ...pairs] = process.argv.slice(2);
const copies = pairs.map((pair) => pair.split("=").map(parseReference));
const hosts = new Set(copies.flat().map(({ registry }) => registry));
const trust = ca === "-" ? { plainHttp: true } : { caCertificates: [readFileSync(ca, "utf8")] };
const registries = new Registries({ access: [...hosts].map((host) => ({ host, ...trust })) });
Promise.all(copies.map(([source, target]) => registries.copy(source, target))).then(
  () => registries.close(),
  (error) => {
    console.error(error);
    process.exitCode = 1;
  },
);
