#!/bin/bash
echo "Hello from $SERVICE-$INSTANCE on $HOST_HOSTNAME" > /srv/index.html
