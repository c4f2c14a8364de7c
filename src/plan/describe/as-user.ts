/**
 * For bash as root: runs a command as another user, with the environment that it was given. The user is read as the Engine
 * reads it: a name or a number, with or without a group.
 */
const script = String.raw`fail() { echo "reyns: no $1 in this image" >&2; exit 1; }
IFS=: read -r user group <<< "$0"
IFS=: read -r _ _ uid gid _ home _ <<< "$(getent passwd "$user")"
[[ -n $uid || $user =~ ^[0-9]+$ ]] || fail "user \"$user\""
groups=--clear-groups
if [[ -n $group ]]; then
  IFS=: read -r _ _ gid _ <<< "$(getent group "$group")"
  [[ -n $gid || $group =~ ^[0-9]+$ ]] || fail "group \"$group\""
  [[ -n $gid ]] || gid=$group
elif [[ -n $uid ]]; then
  groups=--init-groups
fi
[[ -n $uid ]] || uid=$user
[[ -n $gid ]] || gid=0
[[ -n $home ]] || home=/
[[ $HOME != /root ]] || export HOME=$home
exec setpriv --reuid "$uid" --regid "$gid" "$groups" -- "$@"`;

/**
 * A command that runs as a user although its container starts as root, as the entrypoint of our images has to.
 *
 * @param user `NAME`, `UID`, `USER:GROUP`
 */
export function commandAsUser(user: string, command: readonly string[]): string[] {
  return ["/bin/bash", "-c", script, user, ...command];
}
