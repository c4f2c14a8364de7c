#!/bin/bash
# Runs the prestartup scripts by hand, as the start does, in safe mode too.
(( EUID == 0 )) || exec sudo "$0"
# shellcheck source-path=SCRIPTDIR source=usr/lib/reyns/environment.sh
. /usr/lib/reyns/environment.sh
# shellcheck source-path=SCRIPTDIR source=usr/lib/reyns/prestartup.sh
. /usr/lib/reyns/prestartup.sh

# sudo drops the environment; what the caller has set of it counts.
restore_environment
run_scripts
