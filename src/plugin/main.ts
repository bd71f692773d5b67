/**
 * The plugin `chart-mirror`: resources of our own and components for programs in every language. It is started by Pulumi's
 * engine as `pulumi-resource-chart-mirror ENGINE`, and tells the port that it serves on standard output.
 */
import { main as serve, type Provider } from "@pulumi/pulumi/provider";
import { AsyncLocalStorage } from "node:async_hooks";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseJson } from "../json";
import { ownProviders } from "../provider/ownProviders";
import { connectEngineLog } from "../resource/engineLog";
import { serveAsPlugin } from "../resource/ownTypes";
import { Cancellation } from "./cancellation";
import { LiveRegistries } from "./liveRegistries";
import { ownResourceProvider } from "./ownResourceProvider";
import { ToldErrors } from "./toldErrors";

/** `dist/plugin` and `src/plugin` alike stand two folders below the package. */
const PACKAGE_FOLDER = join(__dirname, "../..");

/** Serves until the engine ends the process. @param args those of the command line */
export async function main(args: string[]): Promise<void> {
  serveAsPlugin();
  const urnNow = new AsyncLocalStorage<string>();
  const engine = args.find((arg) => /^[\w.-]+:\d+$/.test(arg));
  const log = connectEngineLog(
    engine,
    (line) => process.stderr.write(`${line}\n`),
    () => urnNow.getStore(),
  );
  const { version } = read("package.json") as { version: string };
  const told = new ToldErrors();
  const registries = new LiveRegistries(version);
  const provider: Provider = {
    version,
    getSchema: () => Promise.resolve(JSON.stringify({ ...read("plugin/schema.json"), version })),
    ...ownResourceProvider({ providers: ownProviders(log), urnNow, cancellation: new Cancellation() }),
    // Components need more of the SDKs than resources do, which would double the time that a start takes.
    construct: (...given) => loadConstruct().constructComponent({ registries, told }, ...given),
  };
  await serve(provider, args);
  told.listen(process);
}

const loadConstruct = () => require("./construct") as typeof import("./construct");

const read = (file: string): object => parseJson(readFileSync(join(PACKAGE_FOLDER, file), "utf8")) as object;
