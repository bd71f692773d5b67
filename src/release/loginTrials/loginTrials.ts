import * as pulumi from "@pulumi/pulumi";
import { CopyMethod } from "../../copy/copyMethod";
import type { AccessInput } from "../../copy/imageCopyInputs";
import { parseReference } from "../../image/reference";
import { plainValues } from "../../inputs/plainValues";
import { secretTexts } from "../../inputs/inputSecrets";
import { PullRefusedError } from "../../kubernetes/pullCheckProvider";
import { MirrorError } from "../../error";
import type { MirrorRegistry } from "../../registry/mirrorRegistry";
import type { PullSecretOptions } from "../pullAccess";
import { isConnectionError, isOutOfReach, MirrorLogin, type TrialOutcome } from "./mirrorLogin";
import { PushTrialError } from "./pushTrialError";

/** What an update will ask of the mirror: images to push and to pull. */
export interface LoginTrialArgs {
  readonly registry: MirrorRegistry;
  readonly copyWith: CopyMethod | undefined;
  /** Targets that are not known to be in the mirror, and that it does not serve itself; undefined where none is known yet. */
  readonly images: readonly string[] | undefined;
  /** Targets of charts. */
  readonly charts: readonly string[];
  readonly pullSecret: PullSecretOptions | undefined;
}

/** What trying the logins of a mirror has shown. */
export interface LoginTrials {
  /** The digests that the mirror has, by target. */
  readonly present: ReadonlyMap<string, string>;
  readonly problems: readonly Error[];
  /** What was not tried, and why. */
  readonly untried: readonly string[];
}

/** Requests at one time; the first of a kind goes alone, so that a wrong password is used once and not by many at a time. */
const PARALLEL = 8;

/**
 * Tries in a preview what the update needs of the mirror: that it can be reached, that the logins are taken, that they may
 * push and pull. What they are is often an output of something that the update makes: that is said, and not tried.
 *
 * Nothing is left behind, see `tryPush`.
 *
 * @param secrets filled with every secret text that is met
 */
export async function tryLogins(args: LoginTrialArgs, secrets: string[]): Promise<LoginTrials> {
  const { registry } = args;
  const { host } = await registry.address;
  if (!(await registry.isThere()))
    return { present: new Map(), problems: [], untried: [`the logins of ${host}, which is still to be made`] };
  const trial = new LoginTrial(args, host, secrets);
  await trial.run();
  return trial;
}

class LoginTrial implements LoginTrials {
  readonly present = new Map<string, string>();
  readonly problems: Error[] = [];
  readonly untried: string[] = [];
  /** Whether whoever pushes does not come to the registry at all. */
  private isCutOff = false;

  constructor(
    private readonly args: LoginTrialArgs,
    private readonly host: string,
    private readonly secrets: string[],
  ) {}

  async run(): Promise<void> {
    const { images, charts, registry } = this.args;
    if (images?.length === 0 && charts.length === 0) return this.tryPulling(undefined);
    const access = await this.known(registry.pushAccess);
    if (access === undefined) this.untried.push(`the login that pushes to ${this.host}, which is not known yet`);
    else await using(new MirrorLogin(access), (login) => this.tryPushing(login));
    await this.tryPulling(access);
  }

  private async tryPushing(login: MirrorLogin): Promise<void> {
    const { images, charts, copyWith, registry } = this.args;
    if (images === undefined) return this.enter(login);
    const targets = [...images, ...charts];
    const stop = await each(targets, async (target) => {
      const outcome = await login.look(target);
      if (outcome.kind === "good" && outcome.digest !== undefined) this.present.set(target, outcome.digest);
      return outcome;
    });
    if (stop) return this.pushStops(login, stop, []);
    // Azure imports images, and a Docker daemon pushes them; charts are pushed with this login all the same.
    const pushed = copyWith === CopyMethod.AcrImport || copyWith === CopyMethod.Docker ? charts : targets;
    const byRepository = new Map(
      pushed.filter((target) => !this.present.has(target)).map((target) => [repositoryOf(target), target]),
    );
    const denied = new Map<string, Error>();
    const undecided = new Map<string, Error>();
    const unmade: string[] = [];
    const stopped = await each([...byRepository], async ([repository, target]) => {
      if (
        (registry.makesRepositories || (await login.tokensMakeRepositories())) &&
        !(await login.hasRepository(target))
      ) {
        if (!registry.makesRepositories) unmade.push(repository);
        return { kind: "good" };
      }
      const outcome = await login.push(target);
      if (outcome.kind === "denied") denied.set(repository, outcome.error);
      if (outcome.kind === "undecided") undecided.set(repository, outcome.error);
      return outcome;
    });
    if (stopped) return this.pushStops(login, stopped, [...byRepository.keys()]);
    const [cause] = denied.values();
    if (cause) this.problems.push(new PushTrialError(this.host, login.user, [...denied.keys()].sort(), cause));
    if (unmade.length > 0)
      this.untried.push(
        `whether the login may make ${listed(unmade)} at ${this.host}, which makes them for whoever asks`,
      );
    const [unclear] = undecided.values();
    if (unclear)
      this.untried.push(`whether the login may push to ${listed([...undecided.keys()])}: ${problemOf(unclear)}`);
  }

  /** Without an image to ask for, the registry itself is all that can be asked. */
  private async enter(login: MirrorLogin): Promise<void> {
    try {
      await login.enter();
    } catch (error) {
      if (error instanceof MirrorError) this.pushStops(login, error, []);
      else throw error;
    }
  }

  private pushStops(login: MirrorLogin, error: Error, repositories: readonly string[]): void {
    const { copyWith, charts } = this.args;
    this.isCutOff = isConnectionError(error);
    // Pods may reach what this machine does not; a Docker daemon may, too, and may have another login.
    if (
      (copyWith === CopyMethod.Kubernetes && isOutOfReach(error)) ||
      (copyWith === CopyMethod.Docker && charts.length === 0)
    )
      this.untried.push(`the login that pushes to ${this.host}: ${problemOf(error)}`);
    else this.problems.push(new PushTrialError(this.host, login.user, repositories, error));
  }

  /** @param pushAccess what has been tried already */
  private async tryPulling(pushAccess: AccessInput | undefined): Promise<void> {
    const { registry, pullSecret = {} } = this.args;
    const credentials = registry.pullCredentials;
    if (!credentials || pullSecret.disabled || pullSecret.create === false || pullSecret.check === false) return;
    const access = await this.known(
      pulumi
        .all([registry.pullReach(), credentials])
        .apply(([reach, { username, password }]) => ({ ...reach, username, password })),
    );
    if (access === undefined) {
      this.untried.push(`the login that pods pull with from ${this.host}, which is not known yet`);
      return;
    }
    await using(new MirrorLogin(access), async (login) => {
      // What pushes has been tried; and what keeps it from the registry keeps this one from it.
      if (pushAccess && (login.isLike(pushAccess) || (this.isCutOff && login.isAt(pushAccess)))) return;
      const [first = `${this.host}/chart-mirror`] = [...this.present.keys(), ...(this.args.images ?? [])];
      const outcome = await login.look(first);
      if (outcome.kind === "undecided" || (outcome.kind === "general" && isOutOfReach(outcome.error))) {
        // The trial in the update does not mind either: nodes may reach what this machine does not.
        if (this.problems.length === 0)
          this.untried.push(`the login that pods pull with from ${this.host}: ${problemOf(outcome.error)}`);
        return;
      }
      const denied = outcome.kind === "missing" && this.present.has(first);
      if (outcome.kind !== "general" && !denied) return;
      const cause = outcome.error;
      const reason = cause ? problemOf(cause) : "the registry hides the image from this login";
      this.problems.push(new PullRefusedError(this.host, access.username, [first], reason, { cause }));
    });
  }

  /** An access whose every part is known now. */
  private async known(access: pulumi.Input<object>): Promise<AccessInput | undefined> {
    const plain = await plainValues(access);
    this.secrets.push(...secretTexts(plain));
    return plain.unknown.length > 0 ? undefined : (plain.values as unknown as AccessInput);
  }
}

/** Works through a list until something stops it that would stop all of it. */
async function each<T>(items: readonly T[], work: (item: T) => Promise<TrialOutcome>): Promise<Error | undefined> {
  let stop: Error | undefined;
  const rest = [...items];
  const next = async (): Promise<void> => {
    const item = rest.shift();
    if (item === undefined || stop) return;
    const outcome = await work(item);
    if (outcome.kind === "general") stop ??= outcome.error;
  };
  await next();
  await Promise.all(
    Array.from({ length: PARALLEL }, async () => {
      while (rest.length > 0 && !stop) await next();
    }),
  );
  return stop;
}

async function using(login: MirrorLogin, work: (login: MirrorLogin) => Promise<void>): Promise<void> {
  try {
    await work(login);
  } finally {
    login.close();
  }
}

function repositoryOf(target: string): string {
  return parseReference(target).repository;
}

function listed(names: readonly string[]): string {
  const others = names.length > 3 ? ` and ${names.length - 3} more` : "";
  return `${names.slice(0, 3).join(", ")}${others}`;
}

function problemOf(error: Error): string {
  return error instanceof MirrorError ? error.problem : error.message;
}
