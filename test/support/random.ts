// What the tests with random cases share: their seed, and how many cases they try.
import * as fc from "fast-check";
import { seed } from "./seed.ts";

fc.configureGlobal({ seed });

/** How many cases a property tries: all of them, or the tenth part with `TESTS=quick`. */
export const cases = (all: number): number =>
  process.env["TESTS"] === "quick" ? Math.ceil(all / 10) : all;
