#!/bin/bash
# Runs before each start. Every variable of the instance is at hand here.
echo "<h1>$GREETING from $SERVICE-$INSTANCE</h1>" > /srv/index.html
