import type { QuayAnswer } from "./quayConnection";
import { isTaken, QuayExistsError } from "./quayErrors";
import type { OwnerRequests } from "./ownerRequests";

/** A robot account with its login. */
export interface QuayRobot {
  /** `organization+name`, the name to log in with. */
  readonly username: string;
  readonly token: string;
}

/** {@link https://github.com/quay/quay/blob/master/endpoints/api/robot.py} */
export class QuayRobots {
  constructor(private readonly owner: OwnerRequests) {}

  async find(organization: string, name: string): Promise<QuayRobot | undefined> {
    const answer = await this.owner.sendIfThere(organization, {
      doing: `looking for robot ${organization}+${name}`,
      method: "GET",
      path: ["robots", name],
      expect: [400, 404],
    });
    // Quay answers 400 for what its database does not find.
    return answer?.status === 200 ? robotOf(answer) : undefined;
  }

  /** @throws {QuayExistsError} when there is one of that name */
  async create(organization: string, name: string, description: string): Promise<QuayRobot> {
    const robot = `${organization}+${name}`;
    const answer = await this.owner
      .send(organization, {
        doing: `creating robot ${robot}`,
        method: "PUT",
        path: ["robots", name],
        body: { description },
      })
      .catch((error: unknown) => {
        throw isTaken(error)
          ? new QuayExistsError(this.owner.host, `Robot ${robot}`, "Choose other names with `robots`, or delete it")
          : error;
      });
    return robotOf(answer);
  }

  /** Gives a robot a new token; the old one ends at once. */
  async regenerate(organization: string, name: string): Promise<QuayRobot> {
    return robotOf(
      await this.owner.send(organization, {
        doing: `giving robot ${organization}+${name} a new token`,
        method: "POST",
        path: ["robots", name, "regenerate"],
        body: {},
      }),
    );
  }

  async delete(organization: string, name: string): Promise<void> {
    const doing = `deleting robot ${organization}+${name}`;
    await this.owner.remove(organization, { doing, path: ["robots", name] }, () => this.find(organization, name));
  }
}

function robotOf({ body }: QuayAnswer): QuayRobot {
  const { name, token } = body as { name: string; token: string };
  return { username: name, token };
}
