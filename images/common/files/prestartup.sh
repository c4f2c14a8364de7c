#!/bin/bash
# Runs the prestartup scripts by hand, as at startup; also in safe mode.
(( EUID == 0 )) || exec sudo "$0"
# shellcheck source-path=SCRIPTDIR source=usr/lib/reyns/environment.sh
. /usr/lib/reyns/environment.sh
# shellcheck source-path=SCRIPTDIR source=usr/lib/reyns/prestartup.sh
. /usr/lib/reyns/prestartup.sh

# sudo drops the environment. Restore it, but keep variables that the caller has set.
restore_environment
run_scripts
