import { withoutUndefined } from "../../../lib/without-undefined.ts";
import type { HookOptions } from "../../../api/hooks.ts";
import type { ComposeHook } from "../compose-deploy.ts";
import { refuse, type MappedOptions, type ServiceContext } from "./context.ts";

/** Commands after the start or before the stop of a container. */
export function mapHooks(
  field: "post_start" | "pre_stop",
  hooks: readonly ComposeHook[],
  context: ServiceContext,
): MappedOptions {
  const mapped = hooks.map((hook, index): HookOptions => {
    for (const key of ["image", "per_replica"] as const)
      if (hook[key] !== undefined) refuse(context, [field, index, key]);
    const env = Object.entries(hook.environment ?? {}).flatMap(([name, value]) =>
      value === null ? [] : [[name, value] as const],
    );
    return withoutUndefined<HookOptions>({
      command: hook.command ?? [],
      user: hook.user,
      workingDir: hook.working_dir,
      env: env.length === 0 ? undefined : Object.fromEntries(env),
      privileged: hook.privileged === true ? true : undefined,
    });
  });
  return field === "post_start" ? { postStart: mapped } : { preStop: mapped };
}
