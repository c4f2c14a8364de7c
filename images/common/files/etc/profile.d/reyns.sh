# shellcheck shell=sh
# Loads the container's environment in login shells, where /etc/profile has just replaced the PATH, and for "su -".
# Needs bash, because entries end with a NUL.
if [ -n "${BASH_VERSION-}" ] && [ -r /run/reyns/environment ]; then
  # shellcheck source-path=SCRIPTDIR source=../../usr/lib/reyns/environment.sh
  . /usr/lib/reyns/environment.sh
  load_environment
fi
