import type { QuayConnection } from "./quayConnection";
import { isTaken, QuayExistsError } from "./quayErrors";
import type { OwnerRequests, QuayOrganizationView } from "./ownerRequests";

/** {@link https://github.com/quay/quay/blob/master/endpoints/api/organization.py} */
export class QuayOrganizations {
  constructor(
    private readonly connection: QuayConnection,
    private readonly owner: OwnerRequests,
  ) {}

  find(name: string): Promise<QuayOrganizationView | undefined> {
    return this.owner.organization(name);
  }

  /** @throws {QuayExistsError} when there is an organization or user of that name */
  async create(name: string, email: string | undefined): Promise<void> {
    const doing = `creating organization ${name}`;
    const body = { name, ...(email !== undefined && { email }) };
    await this.connection
      .send({ doing, method: "POST", path: ["organization", ""], scope: "user:admin", body })
      .catch((error: unknown) => {
        throw isTaken(error)
          ? new QuayExistsError(
              this.connection.host,
              `An organization or user ${name}`,
              "Choose another name, or set existing: true",
            )
          : error;
      });
  }

  async changeEmail(name: string, email: string): Promise<void> {
    const doing = `changing the email of organization ${name}`;
    await this.owner.send(name, { doing, method: "PUT", path: [], body: { email } });
  }

  async delete(name: string): Promise<void> {
    const doing = `deleting organization ${name}`;
    await this.owner.send(name, { doing, method: "DELETE", path: [], expect: [404] });
  }
}
