import { parseReference } from "../../../src/image/reference";
import { Registries } from "../../../src/oci/registries";

/** Copies one image between plain registries, for a test that kills it: `SOURCE TARGET`. */
const [source = "", target = ""] = process.argv.slice(2).map(parseReference);
if (typeof source === "string" || typeof target === "string") throw new Error("usage: SOURCE TARGET");
const access = [source, target].map(({ registry }) => ({ host: registry, plainHttp: true }));
void new Registries({ access }).copy(source, target);
