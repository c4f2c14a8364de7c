import { expect, test } from "bun:test";
import { acceptedKeys } from "../../src/api/schema.ts";
import { hintForKey } from "../../src/api/synonyms.ts";
import { camelCase } from "../../src/lib/letter-case.ts";

/** The fields of a service in the Compose specification. */
const composeFields =
  `annotations attach blkio_config build cap_add cap_drop cgroup cgroup_parent command configs
  container_name cpu_count cpu_percent cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpu_shares cpus cpuset
  credential_spec depends_on deploy develop device_cgroup_rules devices dns dns_opt dns_search domainname entrypoint
  env_file environment expose extends external_links extra_hosts gpus group_add healthcheck hostname image init ipc
  isolation label_file labels links logging mac_address mem_limit mem_reservation mem_swappiness memswap_limit models
  network_mode networks oom_kill_disable oom_score_adj pid pids_limit platform ports post_start pre_stop privileged
  profiles provider pull_policy read_only restart runtime scale secrets security_opt shm_size stdin_open
  stop_grace_period stop_signal storage_opt sysctls tmpfs tty ulimits use_api_socket user userns_mode uts volumes
  volumes_from working_dir`.split(/\s+/);

const fields = acceptedKeys[""];

test("every field of a Compose service is accepted, or answered with what to do instead", () => {
  const unanswered = composeFields
    .filter((field) => !fields.includes(field))
    .filter((field) => /did you mean|^see the fields/.test(hintForKey(field, fields)));
  expect(unanswered).toEqual([]);
});

test.each([
  ["depends_on", "write it as after"],
  ["working_dir", "write it as workingDir"],
  ["oom_score_adj", "write it as oomScoreAdj"],
  ["volumes_from", "write it as volumesFrom"],
])("%s: %s", (field, hint) => expect(hintForKey(field, fields)).toBe(hint));

test("a hint names only fields that exist", () => {
  const hints = composeFields.map((field) => hintForKey(field, fields));
  const named = hints.flatMap((hint) => /^write it as (\w+)$/.exec(hint)?.[1] ?? []);
  expect(named.filter((name) => !fields.includes(camelCase(name)))).toEqual([]);
});
