const executable = (name: string): string => Bun.which(name) ?? name;

/** Listens on the ports, and becomes the rest of the words: the kernel goes on accepting. */
const listening =
  "use IO::Socket::INET; $^F = 99; my @s = map { IO::Socket::INET->new(LocalPort => $_, Listen => 99) or die } 53, 8000; exec @ARGV";

/**
 * Words that run a command where this host has no way to containers: in a network of its own, without any route. The
 * Engine's socket is a file, and needs none.
 */
export const cutOff = [executable("unshare"), "--net"];

/** The same where something accepts on ports 53 and 8000 of every address, as some routers do. */
export const misled = [
  ...cutOff,
  executable("sh"),
  "-c",
  'ip link set lo up && ip route add local default dev lo && exec perl -e "$0" "$@"',
  listening,
];

export const canCutOff = Bun.spawnSync([...misled, "true"]).success;
