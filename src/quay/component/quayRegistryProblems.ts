import { MirrorError } from "../../error";
import { hideLogin } from "../../image/addressLogin";
import { isHostSegment, isRegistryHost, tryParseReference } from "../../image/reference";
import { quayNameProblem } from "../api/quayNames";
import { QuayRepositories, type QuayRegistryArgs } from "./quayRegistryArgs";

/**
 * What is wrong with a registry's arguments.
 *
 * @param name of the component
 * @param host that was given, now that it is known
 * @param robot name of one of its robots, without the organization
 */
export function quayRegistryProblems(
  name: string,
  host: string,
  robot: string,
  { organization, proxy, keepHost, repositories }: QuayRegistryArgs,
): Error[] {
  const invalid = (problem: string, remedy: string) =>
    new MirrorError("INVALID_REGISTRY", `The Quay registry ${name} cannot be used: ${problem}`, remedy);
  const problems: (Error | undefined)[] = [
    isRegistryHost(host)
      ? undefined
      : invalid(
          `${JSON.stringify(hideLogin(host))} is not a host name with an optional port`,
          'Give host as "HOST[:PORT]", without a scheme; whether it is http is said with plainHttp',
        ),
    quayNameProblem(`The organization of Quay registry ${name}`, organization),
    quayNameProblem(`A robot of Quay registry ${name}`, robot),
    proxy && !isUpstream(proxy.upstream)
      ? invalid(
          `its proxy's upstream ${JSON.stringify(hideLogin(proxy.upstream))} is no registry`,
          'Write it as "HOST[:PORT][/NAMESPACE]", as images name it: "docker.io", "quay.io/team"',
        )
      : undefined,
    proxy && keepHost ? invalid("a proxy cannot keep hosts in its paths", "Leave keepHost off") : undefined,
    proxy && repositories === QuayRepositories.Create
      ? invalid("a proxy creates its repositories itself", "Leave `repositories` out")
      : undefined,
  ];
  return problems.filter((problem): problem is Error => problem !== undefined);
}

function isUpstream(text: string): boolean {
  const [host = "", ...path] = text.split("/");
  const named = path.length === 0 || tryParseReference(`localhost/${path.join("/")}/image`) !== undefined;
  return isRegistryHost(host) && isHostSegment(host) && named;
}
