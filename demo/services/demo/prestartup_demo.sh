#!/bin/bash
# Greets whoever logs in. Every variable of the instance is at hand here.
echo "This is $SERVICE, instance $INSTANCE, of $PROJECT. Try: ping demo-one" > /etc/motd
