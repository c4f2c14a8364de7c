import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** A machine's own part of the processors: a control group that its Engine, its containers and its sshd lie in. */
export interface Share {
  /** Words that put a command, and all that it starts, into it. */
  readonly words: readonly string[];
  /** From now on it has so many processors, before all others and never more. */
  limit(processors: number): Promise<void>;
  /**
   * @throws Error when a program has no process in it, when fewer containers lie in it than are running, or when
   *   something that was started in it lies elsewhere
   */
  require(programs: readonly string[], containers: number): Promise<void>;
}

interface Controller {
  /** Folder of the hierarchy that distributes processors. */
  readonly root: string;
  /** The group of a process, from its /proc/PID/cgroup. */
  readonly line: RegExp;
  settings(processors: number): Readonly<Record<string, string>>;
}

/** Microseconds: short, so that a machine is slow all the time, instead of fast and then still. */
const period = 20_000;
const quotaOf = (processors: number): number => Math.round(processors * period);

const versionOne: Controller = {
  root: "/sys/fs/cgroup/cpu",
  line: /^\d+:(?:[^:]+,)?cpu(?:,[^:]+)?:(.*)$/m,
  settings: (processors) => ({
    "cpu.cfs_period_us": String(period),
    "cpu.cfs_quota_us": String(quotaOf(processors)),
    "cpu.shares": "10240",
  }),
};

const versionTwo: Controller = {
  root: "/sys/fs/cgroup",
  line: /^0::(.*)$/m,
  settings: (processors) => ({
    "cpu.max": `${quotaOf(processors)} ${period}`,
    "cpu.weight": "1000",
  }),
};

async function findController(): Promise<Controller> {
  if (existsSync(join(versionOne.root, "cpu.cfs_quota_us"))) return versionOne;
  const { root } = versionTwo;
  const controllers = await readFile(join(root, "cgroup.controllers"), "utf8").catch(() => "");
  if (!controllers.split(/\s+/).includes("cpu"))
    throw new Error(
      `machines cannot get processors of their own here: ${versionOne.root} is no hierarchy of cgroup v1 with quotas, and ${root} has no controller cpu of cgroup v2`,
    );
  await writeFile(join(root, "cgroup.subtree_control"), "+cpu");
  return versionTwo;
}

/**
 * Makes the group `/SPACE`. Containers get groups of their own in it, so that programs have one, too: cgroup v2 lets
 * processes lie in leaves only. `removeTraces` removes them all.
 */
export async function makeShare(space: string): Promise<Share> {
  const controller = await findController();
  const group = join(controller.root, space);
  const programs = join(group, "programs");
  await mkdir(programs, { recursive: true });
  return {
    words: ["sh", "-c", 'echo $$ > "$0" && exec "$@"', join(programs, "cgroup.procs")],
    limit: async (processors) => {
      for (const [name, value] of Object.entries(controller.settings(processors)))
        await writeFile(join(group, name), value);
    },
    require: async (names, containers) => {
      const all = await listProcesses(controller.line);
      const inside = all.filter((process) => process.group.startsWith(`/${space}/`));
      const missing = names.filter((name) => inside.every((process) => process.name !== name));
      const pids = new Set(inside.map(({ pid }) => pid));
      const strays = all.filter(({ pid, parent }) => pids.has(parent) && !pids.has(pid));
      const groups = new Set(inside.map((process) => process.group));
      groups.delete(`/${space}/programs`);
      const problems = [
        ...missing.map((name) => `no ${name} lies in it`),
        ...strays.map(({ name, group: other }) => `${name} has left it for ${other}`),
        ...(groups.size < containers
          ? [`${groups.size} of ${containers} containers lie in it`]
          : []),
      ];
      if (problems.length > 0) throw new Error(`control group ${group}: ${problems.join("; ")}`);
    },
  };
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  /** Its first 15 characters. */
  readonly name: string;
  readonly group: string;
}

async function listProcesses(line: RegExp): Promise<Process[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid): Promise<Process[]> => {
      try {
        const stat = await readFile(`/proc/${pid}/stat`, "utf8");
        const group = line.exec(await readFile(`/proc/${pid}/cgroup`, "utf8"))?.[1] ?? "";
        const [, name = "", parent] = /\((.*)\) \S (\d+)/s.exec(stat) ?? [];
        return [{ pid: Number(pid), parent: Number(parent), name, group }];
      } catch {
        // It has ended meanwhile.
        return [];
      }
    }),
  );
  return found.flat();
}
