import type * as copy from "./copyCommand";
import type * as images from "./imagesCommand";
import type * as lock from "./lockCommand";
import type * as nodeConfig from "./nodeConfigCommand";
import type * as plan from "./planCommand";
import type * as pushChart from "./pushChartCommand";
import type * as values from "./valuesCommand";
import type * as verify from "./verifyCommand";
import type * as why from "./whyCommand";

/**
 * The commands. Each loads what it needs when it is asked for, so that a copy of some images starts without the parsers
 * of charts: half of a short run is the start.
 */
/* eslint-disable @typescript-eslint/no-require-imports */
export const commands = {
  get images() {
    return (require("./imagesCommand") as typeof images).imagesCommand;
  },
  get values() {
    return (require("./valuesCommand") as typeof values).valuesCommand;
  },
  get verify() {
    return (require("./verifyCommand") as typeof verify).verifyCommand;
  },
  get plan() {
    return (require("./planCommand") as typeof plan).planCommand;
  },
  get pushChart() {
    return (require("./pushChartCommand") as typeof pushChart).pushChartCommand;
  },
  get lock() {
    return (require("./lockCommand") as typeof lock).lockCommand;
  },
  get copy() {
    return (require("./copyCommand") as typeof copy).copyCommand;
  },
  get nodeConfig() {
    return (require("./nodeConfigCommand") as typeof nodeConfig).nodeConfigCommand;
  },
  get why() {
    return (require("./whyCommand") as typeof why).whyCommand;
  },
};
