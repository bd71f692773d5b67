import type { JsonObject } from "../../json";

/**
 * What `copy_images.sh` of StackState's chart knows by itself, so that `chart-mirror copy` can stand in its place
 * ({@link https://github.com/StackVista/helm-charts/tree/master/stable/stackstate/installation}).
 */
export const STACKSTATE_CHART = "stackstate";
const STACKSTATE_REPOSITORY = "https://helm.stackstate.io";

/** Where the script looks for a chart unless `-r` says so: a name alone is one of its repository, whichever chart that is. */
export function scriptRepository(chart: string): string | undefined {
  return /^[\w-]+(\.[\w-]+)*$/.test(chart) && !chart.endsWith(".tgz") ? STACKSTATE_REPOSITORY : undefined;
}

/** Without these the chart does not render; no image depends on them. */
export const STACKSTATE_VALUES: JsonObject = {
  stackstate: {
    baseUrl: "http://dummy",
    admin: { authentication: { password: "dummy" } },
    authentication: { adminPassword: "dummy" },
    license: { key: "dummy" },
  },
};

/** One line of the script's dry run. */
export const scriptLine = (source: string, target: string): string => `Copying ${source} to ${target} (dry-run)\n`;
