import { shortId } from "../../model/receipt.ts";
import type { ReceiptDifference } from "./compare.ts";

const verbs = {
  added: "is new since the tests",
  removed: "is missing here",
  changed: "is not what was tested",
} as const;

/** A difference between what was tested and what is here, in a sentence. */
export function differenceText(difference: ReceiptDifference): string {
  const { kind, subject, field = "", change, tested, here } = difference;
  switch (kind) {
    case "conf":
      return `the conf "${tested}" was tested, and this is "${here}"`;
    case "instance":
      return change === "added"
        ? `${subject} was not tested`
        : `${subject} was tested, and is not defined here`;
    case "image":
      return imageText(difference);
    case "mode":
      return `${subject} has the mode ${here}; ${tested} was tested`;
    case "definition":
      return `${subject}: ${field} ${verbs[change]}`;
    case "shared":
      return `${field} ${verbs[change]}`;
    case "file":
      return tested === undefined || here === undefined
        ? `${subject} ${verbs[change]}`
        : `${subject} is ${here}; ${tested} was tested`;
  }
}

function imageText({ subject, field, tested = "", here, isRebuilt }: ReceiptDifference): string {
  if (here === undefined) return `${subject}: the image ${field}, ${shortId(tested)}, is not here`;
  const built = isRebuilt ? ", built from other files" : "";
  return `${subject}: the image ${field} is ${shortId(here)}${built}; ${shortId(tested)} was tested`;
}
