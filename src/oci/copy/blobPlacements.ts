import { BlobPlacement } from "./blobPlacement";
import { BlobTransfer } from "./blobTransfer";
import { registryProfile } from "../profiles/registryProfiles";
import type { RegistryClient } from "../registry/client";
import type { Traffic } from "../registry/traffic";

/** What is known of blobs at each registry that a process copies to, and the one engine that moves them. */
export class BlobPlacements {
  readonly transfer: BlobTransfer;
  private readonly byRegistry = new Map<string, BlobPlacement>();

  constructor(
    private readonly traffic: Traffic,
    stallTimeoutMs: number,
  ) {
    const { limits, retrier, clock } = traffic;
    this.transfer = new BlobTransfer({ limits, retrier, clock, stallTimeoutMs });
  }

  at({ registry, kind }: Pick<RegistryClient, "registry" | "kind">): BlobPlacement {
    let placement = this.byRegistry.get(registry);
    if (!placement) {
      placement = new BlobPlacement(registryProfile(kind), this.transfer, this.traffic);
      this.byRegistry.set(registry, placement);
    }
    return placement;
  }
}
