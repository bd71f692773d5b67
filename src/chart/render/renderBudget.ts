/** The most renders for one chart: five are usual, and every chart known to need more than ten was solved by nineteen. */
export const MAX_RENDERS = 20;

/** No render is left. Never reaches a user: what is not found by then is a finding. */
export class RendersSpentError extends Error {
  override readonly name = "RendersSpentError";
  constructor() {
    super(`a chart is rendered ${MAX_RENDERS} times at most`);
  }
}

/** How often a chart may be rendered, so that no chart keeps the search busy without end. */
export class RenderBudget {
  /** Renders so far. */
  count = 0;
  /** Whether a search had to end for want of renders. */
  spent = false;
  #kept = 0;

  /** How many renders are left. */
  get left(): number {
    return MAX_RENDERS - this.#kept - this.count;
  }

  /** Searches while so many renders, beside those kept already, are kept for the proof of what comes of it. */
  async keeping<T>(renders: number, search: () => Promise<T>): Promise<T> {
    this.#kept += renders;
    try {
      return await search();
    } finally {
      this.#kept -= renders;
    }
  }

  /** Takes one render. @throws {RendersSpentError} */
  take(): void {
    if (this.left <= 0) {
      this.spent = true;
      throw new RendersSpentError();
    }
    this.count += 1;
  }
}

/** What a search has found, or what it knows by then where no render is left. */
export async function untilSpent<T>(search: () => Promise<T>, known: () => T | Promise<T>): Promise<T> {
  try {
    return await search();
  } catch (error) {
    if (error instanceof RendersSpentError) return await known();
    throw error;
  }
}
