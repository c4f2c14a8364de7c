import { dnsVariables } from "../../model/dns-settings.ts";
import { nameableInterfaces } from "../../model/docker-syntax.ts";
import { ReynsError, type Place } from "../../errors.ts";
import { isShellVariable } from "../../model/env-value.ts";
import type { EnvValue } from "../../model/project.ts";
import { didYouMean } from "../../lib/suggest.ts";
import type { ElsewhereDefined } from "./elsewhere.ts";
import type { StoppedTarget } from "./links.ts";

type VariableValues = Readonly<Record<string, string | undefined>>;

/** Where values come from, first one first. */
export interface EnvironmentSources {
  /** The caller's own environment. */
  readonly caller: VariableValues;
  /** Addresses that the instance's links lead to. */
  readonly links?: VariableValues;
  /** `host.conf`, and what was answered to questions. */
  readonly hostConf: VariableValues;
  /** What the instances here were started with: for what is required, and has no other value. */
  readonly recorded?: VariableValues;
  /** Interface name -> its IPv4 address on this host; undefined where the Engine is another host's. */
  readonly interfaces: Readonly<Record<string, string>> | undefined;
}

/** A variable without a value, and who wants it. */
export interface MissingVariable {
  readonly name: string;
  readonly secret: boolean;
  readonly description: string | undefined;
  readonly hosts: readonly string[];
  /** The instance whose address it would be, were it running. */
  readonly stopped?: StoppedTarget | undefined;
  /** The instance of another group whose address it would be, were it registered with the DNS. */
  readonly elsewhere?: ElsewhereDefined | undefined;
  /** The service of the first of these hosts, and where that one is defined. */
  readonly service: string;
  readonly at: Place;
}

export interface ResolvedEnvironment {
  readonly values: Readonly<Record<string, string>>;
  readonly missing: readonly Omit<MissingVariable, "service" | "at">[];
  readonly warnings: readonly string[];
  readonly errors: readonly ReynsError[];
}

/** What Reyns itself acts on: looked up for every instance, and not missed when nobody gives it. */
const optionalVariables = [
  "SERVICE_IP",
  "DNS_SERVICE_IP",
  "PUBLISH_ON_IP",
  "DNS_UPDATE_POLICY",
  ...Object.values(dnsVariables),
];

/**
 * Finds the values of the variables that one instance asks for. A text of the definition is the value. All others are
 * the caller's, else where a link leads, else `host.conf`'s, else the default, else what is recorded here. `from_NAME` becomes the address of the
 * interface NAME.
 */
export function resolveEnvironment(
  asked: Readonly<Record<string, EnvValue>>,
  host: string,
  sources: EnvironmentSources,
): ResolvedEnvironment {
  const values: Record<string, string> = {};
  const missing: Omit<MissingVariable, "service" | "at">[] = [];
  const warnings: string[] = [];
  const errors: ReynsError[] = [];
  for (const name of new Set([...Object.keys(asked), ...optionalVariables])) {
    const definition = asked[name];
    const [given, source] = givenValue(name, definition, sources);
    const defined = definition && "text" in definition ? definition.text : undefined;
    const recorded =
      definition?.kind === "required" ? valueOf(sources.recorded ?? {}, name) : undefined;
    const text = given ?? defined ?? recorded;
    if (text === undefined) {
      if (definition?.kind === "required")
        missing.push({
          name,
          secret: definition.secret,
          description: definition.description,
          hosts: [host],
        });
      continue;
    }
    const looksFixed = definition?.kind === "variable" && definition.looksFixed;
    if (looksFixed && given !== undefined && given !== defined)
      warnings.push(`${name} comes from ${source}, not from the definition`);
    try {
      // A secret is nobody's address, and no message may quote it.
      const isSecret =
        definition !== undefined && definition.kind !== "variable" && definition.secret;
      values[name] = isSecret ? text : addressOf(remoteAddress(name, text, sources), name, sources);
    } catch (error) {
      errors.push(error as ReynsError);
    }
  }
  return { values, missing, warnings, errors };
}

/** A value by its own name only: every object knows a "constructor". */
function valueOf(values: VariableValues, name: string): string | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

/** The value from outside of the definition, and where it comes from. */
export function givenValue(
  variable: string,
  definition: EnvValue | undefined,
  { caller, links = {}, hostConf }: EnvironmentSources,
): [value: string | undefined, source: string] {
  if (definition?.kind === "text") return [undefined, ""];
  const name = definition?.kind === "variable" ? definition.name : variable;
  // The shell's own are taken for what they mean only where `variable()` asks for them.
  const isHidden = definition?.kind !== "variable" && isShellVariable(name);
  const places = [
    [isHidden ? {} : caller, "the environment"],
    [links, "its link"],
    [hostConf, "host.conf"],
  ] as const;
  const found = places.find(([values]) => valueOf(values, name) !== undefined);
  return found ? [valueOf(found[0], name), found[1]] : [undefined, ""];
}

const interfacePattern = /^from_([A-Za-z0-9._@:-]+)$/;

/** What stands for an interface of another machine is given by the caller or host.conf: it cannot be looked up here. */
function remoteAddress(
  name: string,
  text: string,
  { interfaces, caller, hostConf }: EnvironmentSources,
): string {
  if (interfaces || !interfacePattern.test(text)) return text;
  return valueOf(caller, name) ?? valueOf(hostConf, name) ?? text;
}

/** `from_eth0` -> the IPv4 address of eth0; any other text as it is. */
function addressOf(text: string, variable: string, { interfaces }: EnvironmentSources): string {
  const name = interfacePattern.exec(text)?.[1];
  if (name === undefined) return text;
  if (!interfaces) {
    const message = `${variable} is "${text}", but the Engine is on another machine, whose interfaces are not known here`;
    throw new ReynsError("INVALID_VALUE", message, {
      hint: `set ${variable}=ADDRESS in the environment`,
    });
  }
  const address = valueOf(interfaces, name);
  if (address !== undefined) return address;
  const nameable = nameableInterfaces(interfaces);
  const named = nameable.map(([key, value]) => `${key} (${value})`);
  const nearest = didYouMean(
    name,
    nameable.map(([key]) => key),
  );
  throw new ReynsError(
    "INVALID_VALUE",
    `${variable} is "${text}", but this host has no interface "${name}" with an IPv4 address`,
    {
      hint: `${nearest === undefined ? "" : `${nearest} `}there are: ${named.join(", ") || "none"}; or set ${variable}=ADDRESS`,
    },
  );
}

/** The same variable missed by several instances is one question. */
export function mergeMissing(missing: readonly MissingVariable[]): MissingVariable[] {
  const merged = new Map<string, MissingVariable>();
  for (const variable of missing) {
    const before = merged.get(variable.name);
    merged.set(variable.name, {
      ...(before ?? variable),
      secret: variable.secret || (before?.secret ?? false),
      description: before?.description ?? variable.description,
      hosts: [...(before?.hosts ?? []), ...variable.hosts],
    });
  }
  return [...merged.values()];
}
