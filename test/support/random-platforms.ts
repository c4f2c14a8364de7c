import * as fc from "fast-check";

const services = ["db", "cache", "api", "web", "worker"] as const;
const names = ["one", "two", "three"] as const;

/** One instance of a random platform. */
export interface RandomInstance {
  readonly service: string;
  readonly instance: string;
  /** One of three images. */
  readonly image: 0 | 1 | 2;
  /** The value of its variable V. */
  readonly value: string;
  /** The service that it links to; always one that comes before its own, so that there are no circles. */
  readonly target: string | undefined;
  readonly hasVolume: boolean;
  readonly isJob: boolean;
}

const instance: fc.Arbitrary<RandomInstance> = fc
  .record({
    index: fc.nat(services.length - 1),
    instance: fc.constantFrom(...names),
    image: fc.constantFrom<(0 | 1 | 2)[]>(0, 1, 2),
    value: fc.constantFrom("x", "y"),
    linked: fc.nat(services.length),
    hasVolume: fc.boolean(),
    isJob: fc.boolean(),
  })
  .map(({ index, linked, ...rest }) => ({
    ...rest,
    service: services[index] ?? "db",
    target: linked < index ? services[linked] : undefined,
  }));

/** Up to eight instances with different host names. */
export const platforms = fc.uniqueArray(instance, {
  minLength: 1,
  maxLength: 8,
  selector: hostOf,
});

export function hostOf({ service, instance: name }: RandomInstance): string {
  return `${service}-${name}`;
}

/** Instances that both platforms define in the same way. What links to something may change with its target. */
export function unchangedBetween(
  before: readonly RandomInstance[],
  after: readonly RandomInstance[],
): string[] {
  return before
    .filter((one) => one.target === undefined)
    .filter((one) => after.some((other) => Bun.deepEquals(one, other)))
    .map(hostOf);
}
