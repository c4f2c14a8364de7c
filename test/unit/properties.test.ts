import { expect, expectTypeOf, test } from "bun:test";
import type * as v from "valibot";
import type { JobOptions, ServiceOptions } from "../../src/api/options.ts";
import type { serviceSchema } from "../../src/api/schema.ts";
import { propertyArguments } from "../../src/model/properties.ts";
import type { DefinedValues } from "../../src/model/property-schemas.ts";

// The interface carries the TSDoc that editors show, so it is written out; the compiler compares it with the schemas.

test("the declared fields of service() are the fields of its schema", () => {
  expectTypeOf<keyof v.InferInput<typeof serviceSchema>>().toEqualTypeOf<
    keyof ServiceOptions | keyof JobOptions
  >();
});

test("the declared types of properties are those of the table", () => {
  type Declared = Pick<ServiceOptions, keyof DefinedValues>;
  expectTypeOf<Required<Declared>>().toEqualTypeOf<DefinedTypes>();
});

/** Without `undefined`, which the inferred types accept as a value. */
type DefinedTypes = {
  readonly [Name in keyof DefinedValues]-?: Exclude<DefinedValues[Name], undefined>;
};

test("run has an argument for every property that a call can set", () => {
  expect(Object.keys(propertyArguments)).toEqual([
    "instanceType",
    "linked",
    "publishPorts",
    "persistentData",
    "persistentOpt",
    "persistentLog",
    "persistentHome",
    "persistentShared",
    "safePersistency",
    "nethost",
    "publishSshOn",
    "extraArgs",
    "interactive",
    "safemode",
  ]);
});
