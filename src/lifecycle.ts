/**
 * The life of one kind of object that a service keeps (a robot of Quay, a project of Harbor), apart from how Pulumi asks
 * for it. `Client` is the service's API.
 *
 * `Outputs` are the inputs and what the service adds to them; they are what later calls get as `state`.
 */
export interface Lifecycle<Client, Inputs extends object, Outputs extends Inputs = Inputs> {
  /** As it stands in a sentence: `robot team+pull`. */
  name(inputs: Inputs): string;
  /** Inputs that make another object when they change, besides those that name the service. */
  readonly identity: readonly (keyof Inputs & string)[];
  /** Inputs that can change. */
  readonly settings: readonly (keyof Inputs & string)[];
  /** What is wrong with the inputs by themselves. */
  problems(inputs: Inputs): Error[];
  /** Throws when the object cannot be created: it is there already, or a feature is missing. Asked in previews. */
  refuseNew(client: Client, inputs: Inputs): Promise<void>;
  /** What the service has now of the outputs that it tells; undefined when the object is gone. */
  find(client: Client, state: Outputs): Promise<Partial<Outputs> | undefined>;
  create(client: Client, inputs: Inputs): Promise<Outputs>;
  /** Changes what is there. */
  update(client: Client, state: Outputs, inputs: Inputs): Promise<Outputs>;
  /** Removes what was made. */
  remove(client: Client, state: Outputs): Promise<void>;
}
