import type * as copy from "./copy/copyCommand";
import type * as images from "./commands/imagesCommand";
import type * as lock from "./commands/lockCommand";
import type * as nodeConfig from "./commands/nodeConfigCommand";
import type * as plan from "./commands/planCommand";
import type * as pushChart from "./commands/pushChartCommand";
import type * as values from "./commands/valuesCommand";
import type * as verify from "./commands/verifyCommand";
import type * as why from "./commands/whyCommand";

/**
 * The commands. Each loads what it needs when it is asked for, so that a copy of some images starts without the parsers
 * of charts: half of a short run is the start.
 */
/* eslint-disable @typescript-eslint/no-require-imports */
export const commands = {
  get images() {
    return (require("./commands/imagesCommand") as typeof images).imagesCommand;
  },
  get values() {
    return (require("./commands/valuesCommand") as typeof values).valuesCommand;
  },
  get verify() {
    return (require("./commands/verifyCommand") as typeof verify).verifyCommand;
  },
  get plan() {
    return (require("./commands/planCommand") as typeof plan).planCommand;
  },
  get pushChart() {
    return (require("./commands/pushChartCommand") as typeof pushChart).pushChartCommand;
  },
  get lock() {
    return (require("./commands/lockCommand") as typeof lock).lockCommand;
  },
  get copy() {
    return (require("./copy/copyCommand") as typeof copy).copyCommand;
  },
  get nodeConfig() {
    return (require("./commands/nodeConfigCommand") as typeof nodeConfig).nodeConfigCommand;
  },
  get why() {
    return (require("./commands/whyCommand") as typeof why).whyCommand;
  },
};
