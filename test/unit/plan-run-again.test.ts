import { describe, expect, test } from "bun:test";
import { labels } from "../../src/model/labels.ts";
import type { ObservedImage } from "../../src/model/observed.ts";
import type { Step } from "../../src/model/steps.ts";
import type { Project } from "../../src/model/project.ts";
import { formatPlan } from "./support/format-plan.ts";
import {
  addressOf,
  observed,
  plan,
  projectOf,
  started,
  startOf,
  startsOf,
} from "./support/planning.ts";
import { thrownBy } from "./support/project-folder.ts";
import { text } from "./support/definitions.ts";

describe("run again", () => {
  const definition = { service: "web", env: { A: text("a") } };
  const project = projectOf([definition, { service: "web", instance: "two" }]);
  const first = plan(project);
  const running = startsOf(first.steps).map((step) => started(step));
  const there = (instances = running) => observed({ instances, images: ["shop/web"] });

  test("changes nothing where all runs", () => {
    expect(plan(project, { observed: there() })).toMatchObject({
      steps: [],
      starts: [],
      unchanged: [
        { host: "web-one", changes: [] },
        { host: "web-two", changes: [] },
      ],
    });
  });

  test("after a run that was cut short, what it left is waited for, a DNS as well", () => {
    const both = projectOf([{ service: "reyns-dns", instance: "main" }, { service: "web" }]);
    const dns = startOf(plan(both).steps, "reyns-dns-main");
    const left = there([started(dns)]);
    const waits = (unfinished: boolean) =>
      plan(both, { observed: left, previousRunFailed: unfinished }).steps.flatMap((step) =>
        step.kind === "await-instance" ? [{ host: step.host, ready: step.ready.kind }] : [],
      );
    expect(waits(true)).toEqual([{ host: "reyns-dns-main", ready: "dns" }]);
    expect(waits(false)).toEqual([]);
    const { steps } = plan(both, { observed: left, previousRunFailed: true });
    expect(startOf(steps, "web-one").after).toContain("start reyns-dns-main");
  });

  test("restarts what wants to be restarted with an instance that is replaced", () => {
    const db = { service: "db", env: { A: text("a") } };
    const target = { service: "db", instance: null };
    const web = { service: "web", after: [target], restartAfter: [target] };
    const idle = { service: "idle", after: [target] };
    const instances = startsOf(plan(projectOf([db, web, idle])).steps).map((step) => started(step));
    const images = ["shop/db", "shop/web", "shop/idle"];
    const engine = observed({ instances, images });
    const changed = projectOf([{ ...db, env: { A: text("b") } }, web, idle]);
    expect(plan(changed, { observed: engine }).steps).toMatchObject([
      { kind: "start-instance", host: "db-one", reason: "changed: env A" },
      {
        kind: "restart-instance",
        host: "web-one",
        reason: "db-one is replaced",
        stopFirst: true,
        after: ["start db-one"],
      },
    ]);
    expect(plan(projectOf([db, web, idle]), { observed: engine }).steps).toEqual([]);
  });

  test("refuses a terminal for an instance that runs without it", () => {
    const wish = { service: "web", instance: "one", properties: { interactive: true } };
    const [error] = thrownBy(() => plan(project, { observed: there(), ...wish }));
    expect(error).toMatchObject({
      code: "NAME_TAKEN",
      message: "web-one runs already, without this terminal",
    });
    expect(plan(project, { ...wish }).starts).toEqual(["web-one"]);
  });

  test("says which parts have changed, and not the values", () => {
    const changed = projectOf([
      {
        ...definition,
        env: { A: text("b"), N: text("n") },
        volumes: ["d:/d"],
        command: ["x"],
        privileged: true,
        hostname: "h",
        ports: [{ container: 1, host: 1, protocol: "tcp" }],
      },
      { service: "web", instance: "two", image: "other" },
    ]);
    const reasonsOf = (other: Project, given = there()): string[] =>
      plan(other, { observed: given }).steps.map(({ reason }) => reason);
    expect(reasonsOf(changed)).toEqual([
      "not on this Engine",
      "changed: command, hostname, mounts, ports, privileged, env A, env N",
      expect.stringMatching(/^changed: image/) as string,
    ]);
    const rebuilt = running.map((instance) => ({ ...instance, imageId: "sha256:old" }));
    expect(reasonsOf(project, there(rebuilt))[0]).toBe("changed: image rebuilt");
    const onImage = (image: Partial<ObservedImage>): readonly string[] => {
      const given = { id: "sha256:new", labels: { [labels.assets]: "a" }, ...image };
      const engine = there();
      const images = new Map(
        [...engine.images].map(
          ([
            name,
            {
              labels: { [labels.base]: base },
            },
          ]) => {
            const bases = base === undefined ? {} : { [labels.base]: base };
            return [name, { ...given, labels: { ...bases, ...given.labels } }];
          },
        ),
      );
      return reasonsOf(project, { ...engine, images });
    };
    const own = { [labels.assets]: "a", [labels.folder]: running[0]?.origin ?? "" };
    expect(onImage({ labels: own })[0]).toBe("changed: image rebuilt");
    expect(onImage({ labels: own, sameAs: running.map(({ imageId }) => imageId) })).toEqual([]);
    expect(onImage({})).toEqual([]);
    const brought = { [labels.folder]: "/ci/shop" };
    expect(onImage({ labels: brought, isImported: true })[0]).toBe("changed: image rebuilt");
    const older = running.map((instance) => ({ ...instance, hasOldKeys: true }));
    expect(reasonsOf(project, there(older))[0]).toBe("changed: keys");
    const kept = plan(changed, { observed: there(), keep: true });
    expect(kept.steps).toEqual([]);
    expect(kept.unchanged[0]?.changes).toContain("env A");
  });

  test("a stopped container starts again, a half-made one is replaced at its address", () => {
    const [one, two] = running;
    if (!one || !two) throw new Error("nothing runs");
    const stepsWith = (state: string): readonly Step[] =>
      plan(project, { observed: there([{ ...one, state }, two]) }).steps;
    expect(stepsWith("exited")).toMatchObject([
      { kind: "restart-instance", id: "start web-one", containerId: one.id, reason: "exited" },
    ]);
    for (const state of ["created", "dead"]) {
      const steps = stepsWith(state);
      expect(steps.map(({ id }) => id)).toEqual(["start web-one"]);
      expect(startOf(steps, "web-one")).toMatchObject({ removes: one.id, predecessor: undefined });
      expect(addressOf(startOf(steps, "web-one"))).toBe(one.address as string);
    }
  });

  test("rerun replaces one instance of a service after the other, after the builds", () => {
    const bare = { ...there(), images: observed().images };
    const { steps } = plan(project, { observed: bare, recreate: true });
    expect(formatPlan(steps)).toMatchInlineSnapshot(`
      "build shop/web not built yet
      start web-one  rerun  (after shop/web)
      start web-two  rerun  (after shop/web, web-one)"
    `);
    expect(startsOf(steps).map(addressOf)).toEqual(running.map(({ address }) => address ?? ""));
    expect(startsOf(steps).map(({ predecessor }) => predecessor)).toEqual(
      running.map(({ id }) => id),
    );
  });

  test("nobody gets the address of another, stopped or not", () => {
    const [one] = running;
    if (!one) throw new Error("nothing runs");
    const [wanted] = startsOf(
      plan(project, { service: "web", instance: "new", isNew: true }).steps,
    );
    const squatter = {
      ...one,
      host: "other-x",
      address: addressOf(wanted),
      state: "exited",
    };
    const { steps } = plan(project, {
      service: "web",
      instance: "new",
      isNew: true,
      observed: there([squatter]),
    });
    expect(addressOf(startOf(steps, "web-new"))).not.toBe(squatter.address ?? "");
  });
});
