import * as v from "valibot";

export const nonEmptyString = v.pipe(v.string(), v.nonEmpty("a string that is not empty"));

/** An object without other keys. The message of an unknown one lists those that are accepted. */
export function strictObject<const Entries extends v.ObjectEntries>(
  entries: Entries,
  form?: string,
) {
  const keys = Object.keys(entries).join(", ");
  return v.strictObject(entries, (issue) =>
    issue.expected === "never" ? keys : (form ?? issue.message),
  );
}

const portForm = "a port from 1 to 65535";
export const portNumber = v.pipe(
  v.number(),
  v.integer(portForm),
  v.minValue(1, portForm),
  v.maxValue(65_535, portForm),
);

/** Names that are given on the command line, as `group=NAME` or `conf=NAME`. */
export const namePattern = /^[A-Za-z0-9][\w.-]*$/;

/** `True`, `False`, and the same in lower case: the older tools are written in Python. */
export const confBoolean = v.union([
  v.boolean(),
  v.pipe(
    v.picklist(["True", "False", "true", "false"]),
    v.transform((text) => text.toLowerCase() === "true"),
  ),
]);

/** A port of a `.conf`, also as a string of digits. */
export const confPort = v.pipe(
  v.union([v.number(), v.pipe(v.string(), v.regex(/^\d+$/, portForm), v.transform(Number))]),
  portNumber,
);
