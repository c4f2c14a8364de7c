import { randomInt } from "node:crypto";

/** What random tests begin with: another one each time, unless it is given: `SEED=17 bun test test/property`. */
export const seed = Number(process.env["SEED"] || randomInt(2 ** 31));

/** Runs a random part of a test; a failure names the seed that repeats it. fast-check's own assertions do so anyway. */
export async function withSeed<T>(part: () => Promise<T>): Promise<T> {
  try {
    return await part();
  } catch (error) {
    throw new Error(`to repeat it: SEED=${seed}`, { cause: error });
  }
}
