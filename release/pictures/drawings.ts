import { admission } from "./admission";
import { airGap } from "./airGap";
import { chartToPlan } from "./chartToPlan";
import { copyWays } from "./copyWays";
import { overview } from "./overview";
import { pullLogin } from "./pullLogin";
import { resourceGraph } from "./resourceGraph";

/** Every picture that is drawn, by the name of its file in docs/pictures. */
export const drawings: Readonly<Record<string, () => string>> = {
  overview,
  "chart-to-plan": chartToPlan,
  "resource-graph": resourceGraph,
  "pull-login": pullLogin,
  "air-gap": airGap,
  admission,
  "copy-ways": copyWays,
};
