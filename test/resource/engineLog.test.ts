import { connectEngineLog } from "../../src/resource/engineLog";

describe("a log without an engine", () => {
  it("shows on standard error what names and messages hold, and obeys none of it", () => {
    const lines: string[] = [];
    const log = connectEngineLog(undefined, (line) => void lines.push(line));
    log.warn("r.io/a\u001b[31m: said\n::error::no");
    log.info("\u202ea ##vso[task.complete]");
    log.status("passes");
    expect(lines).toEqual(["r.io/a\\u001b[31m: said\n\\u003a:error::no", "\\u202ea \\u0023#vso[task.complete]"]);
  });

  it("cuts what is very long", () => {
    const lines: string[] = [];
    connectEngineLog(undefined, (line) => void lines.push(line)).warn("a".repeat(1_000_000));
    expect(lines[0]?.slice(-40)).toMatch(/a… \(984000 more characters\)$/);
  });
});
