// The process behind FrontProcess: makes what it is told to, and tells where that listens and what came.
import { startDelayRelay } from "./delayRelay";
import type { FrontMessage, FrontOrder } from "./frontProcess";
import { startLimitingProxy, type RequestCounts } from "./limitingProxy";

const tell = (message: FrontMessage): void => void process.send?.(message);
let counts = (): RequestCounts => ({ requests: 0, refused: 0 });

process.on("message", (message: FrontOrder | "counts") => {
  if (message === "counts") tell({ counts: counts() });
  else void start(message);
});
// Its parent is gone.
process.on("disconnect", () => process.exit());

async function start(order: FrontOrder): Promise<void> {
  if (order.kind === "delay") return tell({ port: (await startDelayRelay(order)).port });
  const proxy = await startLimitingProxy(order);
  counts = () => proxy.counts();
  tell({ port: proxy.port });
}
