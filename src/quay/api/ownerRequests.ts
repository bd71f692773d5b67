import type { QuayAnswer, QuayConnection, QuayRequest } from "./quayConnection";
import { QuayOrganizationMissingError, QuayPermissionError, QuayRefusedError } from "./quayErrors";

/** An organization, as its owners see it. */
export interface QuayOrganizationView {
  /** Contact address. */
  readonly email: string;
  /** Roles of the teams, by their names. */
  readonly teams: Readonly<Record<string, string>>;
}

/** What is asked of an organization: its path begins behind `organization/NAME/`. */
export type OwnerRequest = Omit<QuayRequest, "scope">;

/** Requests that only an organization's owner may send. */
export class OwnerRequests {
  constructor(private readonly connection: QuayConnection) {}

  get host(): string {
    return this.connection.host;
  }

  /** @returns undefined when there is no such organization. */
  async organization(name: string): Promise<QuayOrganizationView | undefined> {
    const { status, body } = await this.connection.send({
      doing: `looking for organization ${name}`,
      method: "GET",
      path: ["organization", name],
      scope: "org:admin",
      expect: [404],
    });
    if (status === 404) return undefined;
    const { email, teams } = body as { email?: string; teams?: Record<string, { role: string }> };
    return {
      email: email ?? "",
      teams: Object.fromEntries(Object.entries(teams ?? {}).map(([team, { role }]) => [team, role])),
    };
  }

  /** Quay denies them too when there is no such organization, which is another problem with another remedy. */
  async send(organization: string, request: OwnerRequest): Promise<QuayAnswer> {
    const path = ["organization", organization, ...request.path];
    try {
      return await this.connection.send({ ...request, path, scope: "org:admin" });
    } catch (error) {
      if (error instanceof QuayPermissionError && (await this.organization(organization)) === undefined)
        throw new QuayOrganizationMissingError(this.host, organization, request.doing);
      throw error;
    }
  }

  /** As {@link send}, for what is missing when its organization is: undefined then. */
  async sendIfThere(organization: string, request: OwnerRequest): Promise<QuayAnswer | undefined> {
    try {
      return await this.send(organization, request);
    } catch (error) {
      if (error instanceof QuayOrganizationMissingError) return undefined;
      throw error;
    }
  }

  /**
   * Deletes what Quay answers 400 for when it is gone already.
   *
   * @param find looks whether it is there
   */
  async remove(
    organization: string,
    { doing, path }: Pick<OwnerRequest, "doing" | "path">,
    find: () => Promise<unknown>,
  ): Promise<void> {
    try {
      await this.sendIfThere(organization, { doing, method: "DELETE", path, expect: [404] });
    } catch (error) {
      if (error instanceof QuayRefusedError && (await find()) === undefined) return;
      throw error;
    }
  }
}
