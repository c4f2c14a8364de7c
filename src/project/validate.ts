import { dnsSettingsErrors } from "../model/dns-settings.ts";
import { errorWith, inside, ReynsError, type Place } from "../errors.ts";
import { acceptedHint } from "../lib/suggest.ts";
import { checkNames, hostNameOf } from "../model/host-names.ts";
import type { Conf, InstanceDefinition, ServiceFolder, Target } from "../model/project.ts";

type Rule = (conf: Conf, services: ReadonlyMap<string, ServiceFolder>) => ReynsError[];

const rules: readonly Rule[] = [
  everyServiceExists,
  instancesAreUnique,
  variablesCanBeSet,
  linkNamesAreHostNames,
  linksNameServices,
  volumesNamePlaces,
  labelsAreNotOurs,
  dnsSettingsMakeSense,
];

/** Checks across the instances of a conf; every mistake is returned, none thrown. */
export function checkInstances(
  conf: Conf,
  services: ReadonlyMap<string, ServiceFolder>,
): ReynsError[] {
  return rules.flatMap((rule) => rule(conf, services));
}

function everyServiceExists(
  conf: Conf,
  services: ReadonlyMap<string, ServiceFolder>,
): ReynsError[] {
  return (
    conf.instances
      .filter(({ service, image, build }) => !image && !build && !services.has(service))
      // A name that cannot be is a mistake of its own.
      .filter(({ service }) => checkNames(service, undefined).length === 0)
      .map(
        ({ service, at }) =>
          new ReynsError(
            "INVALID_PROJECT",
            `no service "${service}": there is no services/${service}/Dockerfile`,
            {
              hint: `${acceptedHint(service, services.keys())}; or give a ready image`,
              at: inside(at, 0),
            },
          ),
      )
  );
}

function instancesAreUnique(conf: Conf): ReynsError[] {
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
        hint: "give this one another instance name",
        at: inside(definition.at, "instance"),
      }),
    ];
  });
}

function variablesCanBeSet(conf: Conf): ReynsError[] {
  return conf.instances.flatMap(({ env, at }) =>
    Object.entries(env).flatMap(([name, value]) => {
      if (!/^[A-Za-z_][^=\s\p{Cc}]*$/u.test(name))
        return invalid(
          `"${name}" cannot be the name of a variable`,
          "begin it with a letter, without = and blanks",
          inside(at, "env", name),
        );
      if (value.kind !== "text" || !value.text.includes("\0")) return [];
      const place = inside(at, "env", name);
      return invalid(`the value of ${name} has a NUL character`, "no variable can hold one", place);
    }),
  );
}

function linkNamesAreHostNames(conf: Conf): ReynsError[] {
  return conf.instances.flatMap(({ links, at }) =>
    links.flatMap(({ name }, index) => {
      if (/^[A-Za-z0-9]([\w.-]*[A-Za-z0-9])?$/.test(name)) return [];
      const message = `link name "${name}" cannot be a host name`;
      const hint = 'use letters, digits and hyphens: link(TARGET, "NAME")';
      return invalid(message, hint, inside(at, "links", index));
    }),
  );
}

const volume =
  /^(?:\$TEMP_VOLUME\/?|(?:\$PROJECT_DIR|\.|\/|[A-Za-z0-9])[^:$\0]*):\/[^:\0]*(:ro|:rw)?$/;

function volumesNamePlaces(conf: Conf): ReynsError[] {
  const hint =
    'write it as "SOURCE:/PATH" or "SOURCE:/PATH:ro"; SOURCE is a folder ("./x", "/x", "$PROJECT_DIR/x") or a name';
  return conf.instances.flatMap(({ volumes, at }) =>
    volumes.flatMap((text, index) =>
      volume.test(text)
        ? []
        : invalid(`volume "${text}" cannot be mounted`, hint, inside(at, "volumes", index)),
    ),
  );
}

/** By its own labels Reyns knows what is its own: one of them by another's hand would be believed. */
function labelsAreNotOurs(conf: Conf): ReynsError[] {
  return conf.instances.flatMap(({ labels = {}, at }) =>
    Object.keys(labels).flatMap((name) => {
      if (!name.startsWith("io.reyns.")) return [];
      const hint = "call it something else; those that begin with io.reyns. are Reyns's own";
      return invalid(`label "${name}" cannot be set`, hint, inside(at, "labels", name));
    }),
  );
}

function invalid(message: string, hint: string, at: Place): ReynsError {
  return new ReynsError("INVALID_PROJECT", message, { hint, at });
}

/**
 * What a link leads to may run elsewhere, but it has to be a service of this project. Older confs may link to what
 * another project runs, by a variable.
 */
function linksNameServices(conf: Conf, services: ReadonlyMap<string, ServiceFolder>): ReynsError[] {
  if (conf.sequential) return [];
  const names = [...new Set([...conf.instances.map(({ service }) => service), ...services.keys()])];
  const unknown = (target: Target, what: string, at: Place): ReynsError[] => {
    const wanted = "host" in target ? target.host : target.service;
    const isKnown = "host" in target ? leadsToOne(target.host, names) : names.includes(wanted);
    if (isKnown || wanted.includes("*")) return [];
    const message = `${what} "${wanted}", and there is no such service`;
    return [invalid(message, acceptedHint(wanted, names), at)];
  };
  return conf.instances.flatMap(({ links, after, at }) => [
    ...links.flatMap(({ name, target }, index) =>
      unknown(target, `the link ${name} leads to`, inside(at, "links", index)),
    ),
    ...after.flatMap((target, index) =>
      unknown(target, "it comes after", inside(at, "after", index)),
    ),
  ]);
}

function dnsSettingsMakeSense(conf: Conf): ReynsError[] {
  return conf.instances.flatMap(({ service, instance, env, at }) => {
    const texts = Object.entries(env).flatMap(([name, value]) =>
      value.kind === "text" ? [[name, value.text] as const] : [],
    );
    const who = instance === undefined ? service : hostNameOf(service, instance);
    const settings = Object.fromEntries(texts);
    const errors = dnsSettingsErrors(settings, { code: "INVALID_PROJECT", who, at });
    return errors.map((error) => {
      // `dns()` has a key for each: zone for DNS_ZONE.
      const key = /DNS_([A-Z]+)/.exec(error.message)?.[1]?.toLowerCase();
      return key === undefined ? error : errorWith(error, { at: inside(at, key) });
    });
  });
}

function leadsToOne(host: string, services: readonly string[]): boolean {
  return services.some((service) => host.startsWith(`${service}-`));
}
