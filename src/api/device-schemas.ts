import * as v from "valibot";
import type { DeviceRequest } from "../model/container-spec.ts";
import { nonEmptyString, strictObject } from "../model/value-schemas.ts";
import { count, record, size, strings, wholeNumber } from "./field-schemas.ts";

const deviceRequest = v.pipe(
  strictObject({
    driver: v.optional(nonEmptyString),
    count: v.optional(
      v.union([
        count,
        v.pipe(
          v.literal("all"),
          v.transform(() => -1),
        ),
      ]),
    ),
    deviceIds: v.optional(strings),
    capabilities: v.optional(strings, ["gpu"]),
    options: v.optional(record),
  }),
  v.check(
    (given) => given.count === undefined || given.deviceIds === undefined,
    "count or deviceIds, not both",
  ),
  v.transform((given): DeviceRequest =>
    given.count === undefined && given.deviceIds === undefined ? { ...given, count: -1 } : given,
  ),
);

/** `"all"`, or a list of requests. */
export const gpus = v.pipe(
  v.unknown(),
  v.transform((given) => (given === "all" ? [{}] : given)),
  v.array(deviceRequest, '"all", or a list of requests'),
);

const weight = wholeNumber(10, 1000);
const bytesPerSecond = v.array(strictObject({ path: nonEmptyString, rate: size }));
const operationsPerSecond = v.array(strictObject({ path: nonEmptyString, rate: count }));

export const blkioConfig = strictObject({
  weight: v.optional(weight),
  weightDevice: v.optional(v.array(strictObject({ path: nonEmptyString, weight }))),
  deviceReadBps: v.optional(bytesPerSecond),
  deviceReadIops: v.optional(operationsPerSecond),
  deviceWriteBps: v.optional(bytesPerSecond),
  deviceWriteIops: v.optional(operationsPerSecond),
});
