import { startRegistry, type RegistryOptions, type TestRegistry } from ".";

/** Starts registries for the tests of a file, and closes them after each test, also after one that failed. */
export function registriesOfTest(): (options?: RegistryOptions) => Promise<TestRegistry> {
  const running: TestRegistry[] = [];
  afterEach(() => Promise.all(running.splice(0).map((registry) => registry.close())));
  return async (options) => {
    const registry = await startRegistry(options);
    running.push(registry);
    return registry;
  };
}
