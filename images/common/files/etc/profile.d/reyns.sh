# shellcheck shell=sh
# The container's environment for login shells, whose /etc/profile has just replaced the PATH, and for "su -".
# Only bash can read it: its entries end with a NUL.
if [ -n "${BASH_VERSION-}" ] && [ -r /run/reyns/environment ]; then
  # shellcheck source-path=SCRIPTDIR source=../../usr/lib/reyns/environment.sh
  . /usr/lib/reyns/environment.sh
  load_environment
fi
