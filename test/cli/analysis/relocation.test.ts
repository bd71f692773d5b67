import { tellFindings } from "../../../src/cli/analysis/relocation";
import type { Finding, RelocationPlan } from "../../../src/plan/relocationPlan";

function told(findings: readonly Finding[]): string {
  let text = "";
  const plan = { findings, images: [], overrides: [], patches: [], renders: 3 } as unknown as RelocationPlan;
  tellFindings(plan, { out: () => undefined, err: (part: string) => (text += part) });
  return text;
}

const finding = (severity: Finding["severity"], message: string): Finding => ({ severity, code: "SOME", message });

it("tells each finding once, with how often it is met, and the count of what escapes", () => {
  const halves = finding("warning", "half an image");
  expect(told([halves, finding("escape", "one escapes"), halves, finding("info", "all well"), halves])).toBe(
    "warning: half an image (in 3 places)\nescape: one escapes\n0 images moved by 0 values, 1 escape, 3 renders\n",
  );
});
