import { closeSync, existsSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { PropertyMap } from "../protocol/propertyValue";
import type { KubernetesObject } from "./cluster";
import type { DeployedRelease } from "./helm/helmReleases";

export interface StoredObject {
  object: KubernetesObject;
  /** Field manager → the fields that it applied. */
  managers: Record<string, PropertyMap>;
  /** It came with the cluster, not from a program. */
  system?: boolean;
}

/** All that a cluster in memory knows. */
export interface ClusterState {
  /** Counts the writes, for `resourceVersion`. */
  writes: number;
  objects: StoredObject[];
  releases: DeployedRelease[];
  /** `KIND/NAME` of objects that never become ready. */
  neverReady: string[];
}

/**
 * The state of a cluster "in memory" is a file, so that several runs, and several provider processes of one run, see
 * the same cluster.
 */
export class MemoryState {
  constructor(private readonly file: string) {}

  read(): ClusterState {
    return JSON.parse(readFileSync(this.file, "utf8")) as ClusterState;
  }

  /** Changes the state; when `change` throws, nothing has changed. */
  async update<T>(change: (state: ClusterState) => T): Promise<T> {
    const lock = `${this.file}.lock`;
    while (!tryCreate(lock)) await sleep(5);
    try {
      const state = this.read();
      const result = change(state);
      this.write(state);
      return result;
    } finally {
      rmSync(lock);
    }
  }

  write(state: ClusterState): void {
    // In one step: readers take no lock.
    writeFileSync(`${this.file}.new`, JSON.stringify(state));
    renameSync(`${this.file}.new`, this.file);
  }

  /** Makes the state of a new cluster. */
  create(neverReady: readonly string[]): void {
    if (existsSync(this.file)) throw new Error(`there is a cluster in ${this.file} already`);
    this.write({ writes: 0, objects: [], releases: [], neverReady: [...neverReady] });
  }
}

function tryCreate(file: string): boolean {
  try {
    closeSync(openSync(file, "wx"));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}
