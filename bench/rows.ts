import type { Timed } from "./measure.ts";
import type { Stage } from "./stage.ts";

/** One measurement: as a ratio to docker-compose, or against a bound in milliseconds where it has no equal. */
export interface Row {
  readonly name: string;
  readonly ours: Timed;
  readonly theirs?: Timed;
  /** `ours / theirs` at most. */
  readonly ratio?: number;
  /** Milliseconds at most. */
  readonly most?: number;
  /** Rounds, where the usual number would take too long. */
  readonly rounds?: number;
}

interface Tools {
  readonly reyns: string;
  readonly compose: string;
}

/** The measurements; a new one is a new entry. */
export function rowsOn({ demo, compose: folder = demo }: Stage, tools: Tools): readonly Row[] {
  const reyns = (...words: string[]): string[] => [tools.reyns, ...words];
  const compose = (...words: string[]): string[] => [tools.compose, ...words];
  const clean = reyns("clean:all,force=True");
  const run = reyns("run:all");
  const down = compose("down", "-t", "0");
  const up = compose("up", "-d");
  return [
    {
      name: "version",
      ours: { words: reyns("version"), cwd: demo },
      theirs: { words: compose("version"), cwd: folder },
      ratio: 0.5,
    },
    {
      name: "ps of 3 containers",
      ours: { words: reyns("ps"), cwd: demo },
      theirs: { words: compose("ps"), cwd: folder },
      ratio: 0.5,
    },
    {
      name: "run:all, nothing to do",
      ours: { words: run, cwd: demo },
      theirs: { words: up, cwd: folder },
      ratio: 2,
    },
    {
      // Ours ends when every name resolves, Compose's when the containers are started.
      name: "run:all of the demo",
      ours: { words: run, cwd: demo, before: clean },
      theirs: { words: up, cwd: folder, before: down },
      most: 3000,
      rounds: 5,
    },
    {
      name: "clean:all of the demo",
      ours: { words: clean, cwd: demo, before: run },
      theirs: { words: compose("down"), cwd: folder, before: up },
      most: 1500,
      rounds: 5,
    },
  ];
}
