import type { Json } from "../../json";
import type { OwnerRequests } from "./ownerRequests";

/** What somebody may do with a repository. */
export type QuayRepositoryRole = "read" | "write" | "admin";

/** A right that new repositories of an organization give. */
export interface QuayDefaultPermission {
  readonly id: string;
  readonly role: string;
  /** Name of a user, robot or team. */
  readonly delegate: string;
}

/**
 * The rights that new repositories of an organization give, whoever creates them.
 * {@link https://github.com/quay/quay/blob/master/endpoints/api/prototype.py}
 */
export class QuayDefaultPermissions {
  constructor(private readonly owner: OwnerRequests) {}

  async list(organization: string): Promise<QuayDefaultPermission[]> {
    const answer = await this.owner.sendIfThere(organization, {
      doing: `reading the default permissions of organization ${organization}`,
      method: "GET",
      path: ["prototypes"],
    });
    const { prototypes = [] } = (answer?.body ?? {}) as { prototypes?: PrototypeView[] };
    return prototypes
      .filter(({ activating_user }) => !activating_user)
      .map(({ id, role, delegate }) => ({ id, role, delegate: delegate.name }));
  }

  /** @param user a user or robot */
  async create(organization: string, user: string, role: QuayRepositoryRole): Promise<void> {
    await this.owner.send(organization, {
      doing: `letting ${user} ${role} new repositories of organization ${organization}`,
      method: "POST",
      path: ["prototypes"],
      body: { role, delegate: { kind: "user", name: user } },
    });
  }

  async change(organization: string, id: string, role: QuayRepositoryRole): Promise<void> {
    const doing = `changing a default permission of organization ${organization}`;
    await this.owner.send(organization, { doing, method: "PUT", path: ["prototypes", id], body: { role } });
  }

  async delete(organization: string, id: string): Promise<void> {
    const doing = `deleting a default permission of organization ${organization}`;
    await this.owner.send(organization, { doing, method: "DELETE", path: ["prototypes", id], expect: [404] });
  }
}

interface PrototypeView {
  readonly id: string;
  readonly role: string;
  readonly activating_user?: Json;
  readonly delegate: { readonly name: string };
}
