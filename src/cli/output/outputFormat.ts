/** How results are written to standard output. */
export const OUTPUT_FORMATS = ["table", "json", "yaml"] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** How a plan is written to standard output: for people in terminals, pull requests and browsers, and for programs. */
export const PLAN_FORMATS = ["table", "json", "markdown", "html"] as const;
export type PlanFormat = (typeof PLAN_FORMATS)[number];
