import * as fc from "fast-check";
import { commands } from "../../../src/cli/registry.ts";
import { hostileText } from "./hostile.ts";

/** They change the machine instead of the project. */
const dangerous = ["upgrade", "uninstall", "trust"];

const names = Object.entries(commands)
  .filter(([name]) => !dangerous.includes(name))
  .flatMap(([name, { aliases = [] }]) => [name, ...aliases]);

const keys = [
  ...[
    "service",
    "instance",
    "conf",
    "group",
    "json",
    "yes",
    "timeout",
    "force",
    "strict",
    "command",
  ],
  ...[
    "instance_type",
    "publish_ports",
    "safemode",
    "nethost",
    "extra_args",
    "publish_ssh_on",
    "help",
  ],
  ...[
    "tail",
    "since",
    "follow",
    "format",
    "template",
    "rootfs",
    "os",
    "cache",
    "out",
    "data",
    "quiet",
  ],
];
const words = ["all", "web", "one", "reallyall", "json", "db-*", "export", "rotate", "text", "svg"];
const values = fc.oneof(fc.constantFrom("true", "5", "web", "one", "all", "-1", ""), hostileText);

const word = fc.oneof(
  fc.constantFrom(...words),
  hostileText,
  fc.tuple(fc.constantFrom(...keys), values).map(([key, value]) => `${key}=${value}`),
  fc.tuple(fc.constantFrom(...keys), values).map(([key, value]) => `--${key}=${value}`),
  fc.constantFrom(...keys).map((key) => `--${key}`),
);

const command = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(...names) },
  hostileText.filter((text) => !dangerous.some((name) => text.startsWith(name))),
);

/** The words of a call, in either form; a process cannot be given a NUL, and nothing is written above its folder. */
export const callWords: fc.Arbitrary<string[]> = fc
  .tuple(command, fc.array(word, { maxLength: 3 }), fc.boolean())
  .map(([name, rest, asSeeds]) => (asSeeds ? [[name, rest.join(",")].join(":")] : [name, ...rest]))
  .filter((all) => !all.some((text) => /\0|(^|[=:,])[/~]|\.\./.test(text)));

/** What the executable looks at in its environment, mostly as nobody would set it. */
const variables = [
  ...[
    "PROJECT_NAME",
    "PROJECT_DIR",
    "DATA_DIR",
    "SERVICES_IMAGES_DIR",
    "LOG_LEVEL",
    "LOAD_TIMEOUT",
  ],
  ...["DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "TERM", "COLUMNS", "NO_COLOR", "A"],
];

export const callEnvironment: fc.Arbitrary<Record<string, string>> = fc.oneof(
  { weight: 2, arbitrary: fc.constant({}) },
  fc
    .tuple(fc.constantFrom(...variables), hostileText)
    .filter(([, value]) => !/\0|^ssh:|^tcp:|^http/.test(value))
    // An empty one is the Engine of this machine, and the lookup of a name may take seconds.
    .filter(([name, value]) => name !== "DOCKER_HOST" || /[^\w.-]/.test(value.trim()))
    .map(([name, value]) => ({ [name]: value })),
);

/** Why what a call said or returned must not be; undefined when it is fine. */
export function faultOf(status: number, output: string): string | undefined {
  if (![0, 1, 2, 3, 130].includes(status)) return `status ${status}`;
  if (/this is a bug in Reyns|"code": "INTERNAL"|\n\s+at .*:\d+/.test(output)) return "a stack";
  // What a terminal would obey.
  return /(?![\n\t])[\p{Cc}\p{Bidi_Control}]/u.test(output) ? "a control character" : undefined;
}
