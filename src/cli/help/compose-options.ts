type Rows = readonly (readonly [options: string, text: string])[];

/** Docker Compose's options that its commands take here, for help: a test compares them with what is accepted. */
const options: Readonly<Record<string, Rows>> = {
  up: [
    ["-d, --detach", "Changes nothing: the call returns when everything is ready"],
    ["--wait, --wait-timeout SECONDS", "The same; how long each instance may take"],
    ["--build, --no-build", "Build first what has changed, or nothing"],
    ["--pull always|missing, --quiet-pull", "Pull newer images first, or only what is missing"],
    ["--pull policy", "Pull as the definition says"],
    ["--force-recreate, --no-recreate", "Replace what has not changed, or leave what has"],
    ["--remove-orphans", "Remove what is no longer defined"],
    ["--no-deps", "Only what is named"],
    [
      "-t SECONDS, --timeout SECONDS",
      "How long what is replaced may take to end before it is killed",
    ],
    ["--no-color, --quiet-build, --menu=false", "No colors; the others change nothing"],
    ["--attach SERVICE", "Show the output of this one; can be repeated"],
    ["--abort-on-container-exit", "Show the output, and stop all when the first one ends"],
    ["--exit-code-from SERVICE", "The same, and exit with the status of this one"],
    ["-y", "Answer yes to all questions"],
  ],
  down: [
    ["-v, --volumes", "Also remove the project's volumes; asks before folders with data go"],
    ["--rmi local", "Also remove the images that were built here"],
    ["-t, --timeout SECONDS", "How long instances may take to end before they are killed"],
    ["--remove-orphans", "Changes nothing: what is no longer defined goes, too"],
  ],
  rm: [
    ["-s, --stop", "Also what runs"],
    ["-f, --force", "Do not ask"],
  ],
  exec: [
    ["-u, --user USER", "The user that runs the command"],
    ["-w, --workdir PATH", "The folder in which it runs"],
    ["-e, --env NAME=VALUE", "Set a variable; can be repeated"],
    ["-d, --detach", "Leave the command running"],
    ["--privileged", "Give it all rights on the Engine's machine"],
    ["-T, -i, -t, -it", "Change nothing: the terminal is attached when there is one"],
  ],
};

/** The rows of one of Compose's commands; none for a command of another name. */
export function composeOptionRows(command: string): Rows {
  return options[command] ?? [];
}
