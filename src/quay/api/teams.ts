import { ownValue } from "../../ownKeys";
import type { OwnerRequests } from "./ownerRequests";

/** What a team's members may do in the whole organization. */
export type QuayTeamRole = "member" | "creator" | "admin";

/** {@link https://github.com/quay/quay/blob/master/endpoints/api/team.py} */
export class QuayTeams {
  constructor(private readonly owner: OwnerRequests) {}

  async find(organization: string, name: string): Promise<{ role: string; members: string[] } | undefined> {
    const role = ownValue((await this.owner.organization(organization))?.teams, name);
    if (role === undefined) return undefined;
    const answer = await this.owner.send(organization, {
      doing: `reading the members of team ${name} in organization ${organization}`,
      method: "GET",
      path: ["team", name, "members"],
      expect: [404],
    });
    if (answer.status === 404) return undefined;
    const { members } = answer.body as { members: { name: string }[] };
    return { role, members: members.map((member) => member.name) };
  }

  /** Makes a team, or gives one another role. */
  async put(organization: string, name: string, role: QuayTeamRole, description: string): Promise<void> {
    const doing = `writing team ${name} of organization ${organization}`;
    await this.owner.send(organization, { doing, method: "PUT", path: ["team", name], body: { role, description } });
  }

  async addMember(organization: string, team: string, member: string): Promise<void> {
    const doing = `adding ${member} to team ${team} of organization ${organization}`;
    const path = ["team", team, "members", member];
    await this.owner.send(organization, { doing, method: "PUT", path, body: {} });
  }

  async removeMember(organization: string, team: string, member: string): Promise<void> {
    const doing = `taking ${member} out of team ${team} of organization ${organization}`;
    const path = ["team", team, "members", member];
    await this.owner.send(organization, { doing, method: "DELETE", path, expect: [400, 404] });
  }

  async delete(organization: string, name: string): Promise<void> {
    const doing = `deleting team ${name} of organization ${organization}`;
    await this.owner.remove(organization, { doing, path: ["team", name] }, () => this.find(organization, name));
  }
}
