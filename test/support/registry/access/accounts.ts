import { FULL_ACCESS, type Access, type User, type Users } from "./access";

/** The logins of a registry. */
export class Accounts {
  readonly #users: Map<string, User>;

  constructor(
    users: Users,
    /** Rights of whoever does not log in. */
    readonly anonymous: readonly Access[] = [],
    /** Knows logins that are not among the users. */
    private readonly others: (name: string, password: string) => readonly Access[] | undefined = () => undefined,
  ) {
    this.#users = new Map(
      Object.entries(users).map(([name, user]) => [name, typeof user === "string" ? { password: user } : user]),
    );
  }

  setPassword(name: string, password: string): void {
    this.#users.set(name, { ...this.#users.get(name), password });
  }

  /** The rights of a login; undefined when name or password are wrong. */
  check(name: string, password: string): readonly Access[] | undefined {
    const user = this.#users.get(name);
    return user?.password === password ? (user.access ?? FULL_ACCESS) : this.others(name, password);
  }
}

/** Name and password of a Basic Authorization header; undefined for any other. */
export function parseBasic(header: string | undefined): { name: string; password: string } | undefined {
  const encoded = /^basic +(.+)$/i.exec(header ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon < 0 ? undefined : { name: text.slice(0, colon), password: text.slice(colon + 1) };
}
