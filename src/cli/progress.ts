import type { EngineEvent } from "../engine/events.ts";
import type { Step } from "../plan/steps.ts";
import { log } from "./log.ts";
import { say } from "./print.ts";
import { clip, formatSeconds, isLive, paint, widthOf } from "./style.ts";

/** Shows the engine's events as they come; `close` when no more will. */
export interface Progress {
  readonly emit: (event: EngineEvent) => void;
  readonly close: () => void;
}

interface Settings {
  /** Show each line of a build. */
  readonly verbose: boolean;
}

const verbs: Readonly<Record<Step["kind"], { doing: string; done: string }>> = {
  "root-image": { doing: "making", done: "made" },
  "build-image": { doing: "building", done: "built" },
  "pull-image": { doing: "pulling", done: "pulled" },
  "tag-image": { doing: "tagging", done: "tagged" },
  "create-network": { doing: "creating", done: "created" },
  "start-instance": { doing: "starting", done: "ready" },
  "restart-instance": { doing: "starting", done: "ready" },
  "await-instance": { doing: "waiting", done: "ready" },
  "stop-instance": { doing: "stopping", done: "stopped" },
  "remove-instance": { doing: "removing", done: "removed" },
  "remove-network": { doing: "removing", done: "removed" },
};

/** On a terminal the running steps are redrawn in place; elsewhere there is a line for what ends and for what takes long. */
export async function createProgress(settings: Settings): Promise<Progress> {
  return isLive("stderr") && !settings.verbose ? liveProgress() : plainProgress(settings);
}

function finishedLine({ step, seconds, note }: Extract<EngineEvent, { kind: "finished" }>): string {
  const stderr = "stderr";
  const mark = paint("green", "✓", stderr);
  const rest = [note, formatSeconds(seconds)].filter((part) => part !== undefined).join("  ");
  return `${mark} ${step.title} ${verbs[step.kind].done}  ${paint("dim", rest, stderr)}`;
}

/** That what runs is ready as well is said before. */
function isWorthALine({ step, seconds }: Extract<EngineEvent, { kind: "finished" }>): boolean {
  return step.kind !== "await-instance" || seconds > 1;
}

/** Lines that stay, whichever way progress is shown. */
function lastingLine(event: EngineEvent): string | undefined {
  if (event.kind === "finished") return isWorthALine(event) ? finishedLine(event) : undefined;
  if (event.kind === "failed")
    return `${paint("red", "✗", "stderr")} ${event.step.title} failed  ${paint("dim", formatSeconds(event.seconds), "stderr")}`;
  if (event.kind === "skipped") return paint("dim", `- ${event.step.title} not begun`, "stderr");
  return undefined;
}

function isOver({ kind }: EngineEvent): boolean {
  return kind === "finished" || kind === "failed" || kind === "skipped";
}

const longAfter = 1000;

function plainProgress({ verbose }: Settings): Progress {
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  const notes = new Map<string, string>();
  const clear = (id: string): void => {
    clearTimeout(timers.get(id));
    timers.delete(id);
  };
  const announce = (step: Step): void => {
    const text = `  ${step.title} ${verbs[step.kind].doing}${suffix(notes.get(step.id))}`;
    say(clip(text, widthOf("stderr")));
    notes.delete(step.id);
    // What goes on for long is heard of again, now and then.
    timers.set(
      step.id,
      setTimeout(() => announce(step), 10 * longAfter),
    );
  };
  return {
    emit: (event) => {
      if (event.kind === "warning") return log.warn(event.message);
      if (event.kind === "output" && verbose) say(`  ${event.step.title} | ${event.line}`);
      if (event.kind === "progress") notes.set(event.step.id, event.note);
      if (event.kind === "started")
        timers.set(
          event.step.id,
          setTimeout(() => announce(event.step), longAfter),
        );
      if (isOver(event)) clear(event.step.id);
      const line = lastingLine(event);
      if (line !== undefined) say(line);
    },
    close: () => timers.forEach((timer) => clearTimeout(timer)),
  };
}

function suffix(note: string | undefined): string {
  return note === undefined ? "" : `: ${note.replace(/\s+/g, " ")}`;
}

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

interface Running {
  readonly step: Step;
  readonly since: number;
  note: string | undefined;
}

async function liveProgress(): Promise<Progress> {
  const { createLogUpdate } = await import("log-update");
  // Hiding the cursor would bring in a handler that ends the process on Ctrl-C, before what runs is named.
  const screen = createLogUpdate(process.stderr, { showCursor: true });
  const running = new Map<string, Running>();
  let frame = 0;
  const draw = (): void => {
    frame += 1;
    screen([...running.values()].map((one) => runningLine(one, frame)).join("\n"));
  };
  const timer = setInterval(draw, 100);
  const keep = (line: string): void => {
    screen.clear();
    say(line);
    draw();
  };
  return {
    emit: (event) => {
      if (event.kind === "warning") {
        screen.clear();
        return log.warn(event.message);
      }
      if (event.kind === "started")
        running.set(event.step.id, { step: event.step, since: performance.now(), note: undefined });
      const one = running.get(event.step.id);
      if (event.kind === "progress" && one) one.note = event.note;
      if (event.kind === "phase" && one) one.note = event.phase;
      if (isOver(event)) running.delete(event.step.id);
      const line = lastingLine(event);
      if (line !== undefined) keep(line);
    },
    close: () => {
      clearInterval(timer);
      screen.clear();
    },
  };
}

function runningLine({ step, since, note }: Running, frame: number): string {
  const stderr = "stderr";
  const elapsed = formatSeconds((performance.now() - since) / 1000);
  const text = `${step.title} ${verbs[step.kind].doing}${suffix(note)}`;
  const shown = clip(text, widthOf(stderr) - elapsed.length - 5);
  return `${paint("cyan", frames[frame % frames.length] ?? "", stderr)} ${shown}  ${paint("dim", elapsed, stderr)}`;
}
