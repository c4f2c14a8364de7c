import { measure, type Timed } from "./measure.ts";
import type { Stage } from "./stage.ts";

/** Milliseconds for a number of instances. */
export interface Point {
  readonly count: number;
  readonly reyns: number;
  readonly compose: number | undefined;
  readonly floor: number;
}

const counts = [1, 5, 10, 20, 50, 100];

/** Measures how the time of `run all` grows with the number of instances of a ready image. */
export async function measureGrowth(stage: Stage): Promise<Point[]> {
  const points: Point[] = [];
  for (const count of counts) {
    const { reyns, compose, floor, clean } = await stage.many(count);
    const all: Timed[] = [
      { work: () => reyns("run all"), before: clean },
      { work: floor.run, before: clean },
      ...(compose ? [{ work: () => compose("up -d"), before: clean }] : []),
    ];
    const [ours = NaN, least = NaN, theirs] = await measure(all, count > 10 ? 1 : 3);
    await clean();
    points.push({ count, reyns: ours, compose: theirs, floor: least });
  }
  return points;
}
