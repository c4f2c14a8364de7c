#!/bin/bash
# Sets the greeting for logins. All variables of the instance are available here.
echo "This is $SERVICE, instance $INSTANCE, of $PROJECT. Try: ping demo-one" > /etc/motd
