import { dnsSettingsErrors } from "../model/dns-settings.ts";
import { ownVariableErrors } from "../model/env-value.ts";
import { errorWith, inside, invalidProject, ReynsError, type Place } from "../errors.ts";
import { acceptedHint } from "../lib/suggest.ts";
import { checkPlatforms } from "./check-platforms.ts";
import { checkNames, definedHostOf, hostNameOf } from "../model/host-names.ts";
import { parseVolume, volumeForm } from "../model/volume-syntax.ts";
import { checkPullPolicies } from "./validate-pull-policies.ts";
import { checkNetworks } from "./validate-networks.ts";
import { checkRoutes } from "./validate-routes.ts";
import type { Conf, InstanceDefinition, ServiceFolder, Target } from "../model/project.ts";

type Rule = (conf: Conf, services: ReadonlyMap<string, ServiceFolder>) => ReynsError[];

const rules: readonly Rule[] = [
  checkServices,
  checkUniqueInstances,
  checkVariables,
  checkLinkNames,
  checkTargets,
  checkVolumes,
  checkNetworks,
  checkRoutes,
  checkPullPolicies,
  checkLabels,
  checkResources,
  checkDnsSettings,
  checkPlatforms,
];

/** Checks the instances of a conf against each other and the services; returns all mistakes. */
export function checkInstances(
  conf: Conf,
  services: ReadonlyMap<string, ServiceFolder>,
): ReynsError[] {
  return rules.flatMap((rule) => rule(conf, services));
}

function checkServices(conf: Conf, services: ReadonlyMap<string, ServiceFolder>): ReynsError[] {
  return (
    conf.instances
      .filter(({ service, image, build }) => !image && !build && !services.has(service))
      // Invalid names are reported elsewhere.
      .filter(({ service }) => checkNames(service, undefined).length === 0)
      .map(
        ({ service, at }) =>
          new ReynsError(
            "INVALID_PROJECT",
            `no service "${service}": services/${service}/Dockerfile does not exist`,
            {
              hint: missingServiceHint(service, ownNames(services)),
              at: inside(at, 0),
            },
          ),
      )
  );
}

function missingServiceHint(service: string, names: readonly string[]): string {
  const other = names.length === 0 ? "" : `${acceptedHint(service, names)}; or `;
  return `${other}create it, or set image or build`;
}

/** Without the services that come with Reyns, which hardly any project means. */
function ownNames(services: ReadonlyMap<string, ServiceFolder>): string[] {
  return [...services.values()]
    .filter(({ folder }) => folder !== undefined)
    .map(({ name }) => name);
}

function checkUniqueInstances(conf: Conf): ReynsError[] {
  // Of a Compose file, services of one name are reported when they get it.
  if (conf.isCompose) return [];
  const seen = new Map<string, InstanceDefinition>();
  return conf.instances.flatMap((definition) => {
    if (definition.instance === undefined) return [];
    const host = hostNameOf(definition.service, definition.instance);
    const first = seen.get(host);
    seen.set(host, first ?? definition);
    if (!first) return [];
    const where = first.at.line === undefined ? "" : ` in line ${first.at.line}`;
    return [
      new ReynsError("INVALID_PROJECT", `"${host}" is defined twice, first${where}`, {
        hint: 'give each instance of the service a name of its own: instance: "…"',
        at: inside(definition.at, "instance"),
      }),
    ];
  });
}

function checkVariables(conf: Conf): ReynsError[] {
  return conf.instances.flatMap(({ env, at }) =>
    Object.entries(env).flatMap(([name, value]) => {
      if (!/^[A-Za-z_][^=\s\p{Cc}]*$/u.test(name))
        return invalidProject(
          `invalid variable name "${name}"`,
          "start with a letter or _, without = and spaces",
          inside(at, "env", name),
        );
      if (!("text" in value) || !value.text.includes("\0")) return [];
      const place = inside(at, "env", name);
      return invalidProject(`the value of ${name} contains a NUL character`, "remove it", place);
    }),
  );
}

function checkLinkNames(conf: Conf): ReynsError[] {
  return conf.instances.flatMap(({ links, at }) =>
    links.flatMap(({ name }, index) => {
      if (/^[A-Za-z0-9]([\w.-]*[A-Za-z0-9])?$/.test(name)) return [];
      const message = `invalid link name "${name}"`;
      const hint = 'use letters, digits and hyphens: link(TARGET, "NAME")';
      return invalidProject(message, hint, inside(at, "links", index));
    }),
  );
}

function checkVolumes(conf: Conf): ReynsError[] {
  const hint = `write ${volumeForm}`;
  return conf.instances.flatMap(({ volumes, at }) =>
    volumes.flatMap((volume, index) =>
      typeof volume !== "string" || parseVolume(volume)
        ? []
        : invalidProject(`invalid volume "${volume}"`, hint, inside(at, "volumes", index)),
    ),
  );
}

/** Reyns recognizes its containers by its own labels: a user's label of that name would be taken for one. */
function checkLabels(conf: Conf): ReynsError[] {
  return conf.instances.flatMap(({ labels = {}, at }) =>
    Object.keys(labels).flatMap((name) => {
      if (!name.startsWith("io.reyns.")) return [];
      const hint = "choose another name; names that begin with io.reyns. are reserved";
      return invalidProject(`reserved label "${name}"`, hint, inside(at, "labels", name));
    }),
  );
}

/** The Engine refuses limits that contradict each other. */
function checkResources(conf: Conf): ReynsError[] {
  return conf.instances.flatMap(({ runtime = {}, at }) => {
    const { memLimit = 0, memReservation = 0, memswapLimit = 0 } = runtime;
    const { cpus, cpuPeriod = 0, cpuQuota = 0 } = runtime;
    const hasShare = cpuPeriod > 0 || cpuQuota > 0;
    const wrong: [isWrong: boolean, key: string, message: string, hint: string][] = [
      [
        memLimit > 0 && memReservation > memLimit,
        "memReservation",
        "is above memLimit",
        "memLimit or less",
      ],
      [
        memswapLimit > 0 && memLimit === 0,
        "memswapLimit",
        "needs memLimit",
        "set memLimit as well: this is memory and swap together",
      ],
      [
        memswapLimit > 0 && memswapLimit < memLimit,
        "memswapLimit",
        "is below memLimit",
        "memLimit or more: this is memory and swap together",
      ],
      [
        cpus !== undefined && hasShare,
        "cpus",
        "cannot stand beside cpuPeriod and cpuQuota",
        "set cpus, or the other two",
      ],
      [
        cpuPeriod !== 0 && (cpuPeriod < 1000 || cpuPeriod > 1e6),
        "cpuPeriod",
        "is out of range",
        "from 1ms to 1s",
      ],
      [cpuQuota > 0 && cpuQuota < 1000, "cpuQuota", "is out of range", "1ms or more"],
    ];
    return wrong.flatMap(([isWrong, key, message, hint]) =>
      isWrong ? [invalidProject(`${key} ${message}`, hint, inside(at, key))] : [],
    );
  });
}

/**
 * Targets may run on other machines, but have to be services of this project. Those of older confs may belong to other
 * projects, and are reached through variables.
 */
function checkTargets(conf: Conf, services: ReadonlyMap<string, ServiceFolder>): ReynsError[] {
  if (conf.sequential || conf.isIncomplete) return [];
  const defined = conf.instances.map(({ service }) => service);
  const names = [...new Set([...defined, ...services.keys()])];
  const valid = defined.filter((name) => checkNames(name, undefined).length === 0);
  const listed = new Set([...valid, ...ownNames(services)]);
  const hosts = new Set(conf.instances.map(definedHostOf));
  const checkTarget = (target: Target, subject: string, at: Place): ReynsError[] => {
    const wanted = "host" in target ? target.host : target.service;
    const isKnown = "host" in target ? matchesService(target.host, names) : names.includes(wanted);
    if (isKnown || wanted.includes("*")) return [];
    const message = `${subject} refers to the unknown service "${wanted}"`;
    const isInstance = hosts.has(wanted);
    const hint = isInstance
      ? `for that instance, write { host: "${wanted}" }, or what its service() returns`
      : acceptedHint(wanted, listed);
    return [invalidProject(message, hint, at)];
  };
  return conf.instances.flatMap(({ links, after, networkMode, at }) => [
    ...(networkMode?.kind === "instance"
      ? checkTarget(networkMode.target, "networkMode", inside(at, "networkMode"))
      : []),
    ...links.flatMap(({ name, target }, index) =>
      checkTarget(target, `link ${name}`, inside(at, "links", index)),
    ),
    ...after.flatMap((target, index) => checkTarget(target, "after", inside(at, "after", index))),
  ]);
}

function checkDnsSettings(conf: Conf): ReynsError[] {
  return conf.instances.flatMap(({ service, instance, env, at }) => {
    const values = Object.entries(env).flatMap(([name, value]) =>
      "text" in value ? [[name, value.text] as const] : [],
    );
    const who = definedHostOf({ service, instance });
    const report = { code: "INVALID_PROJECT", who, at } as const;
    const errors = dnsSettingsErrors(Object.fromEntries(values), report);
    const located = errors.map((error) => {
      // DNS_ZONE is the option zone of dns(), and so on.
      const key = /DNS_([A-Z]+)/.exec(error.message)?.[1]?.toLowerCase();
      return key === undefined ? error : errorWith(error, { at: inside(at, key) });
    });
    // An interface is one of the machine that runs it.
    const fixed = values.filter(([, text]) => !text.startsWith("from_"));
    return [...located, ...ownVariableErrors(Object.fromEntries(fixed), report)];
  });
}

function matchesService(host: string, services: readonly string[]): boolean {
  return services.some((service) => host.startsWith(`${service}-`));
}
