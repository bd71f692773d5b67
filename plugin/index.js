"use strict";
// What Pulumi's language host runs of a plugin that is a folder.
require("pulumi-chart-mirror/plugin").main(process.argv.slice(2));
