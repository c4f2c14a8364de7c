#!/bin/bash
# Runs before each start. All variables of the instance are available here.
echo "<h1>$GREETING from $SERVICE-$INSTANCE</h1>" > /srv/index.html
