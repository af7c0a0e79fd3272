#!/bin/sh
# Transfer the current call, and print the outcome: transfer.sh TARGET
http=${HTTP:-http://127.0.0.1:8000}

# A command, with all that has a meaning in a URL escaped: its JSON, or nothing
# for an unknown one, as /transfer is without a call
run()
{
	curl -sS -m 5 "$http/raw/?/$(jq -rn --arg s "$*" '$s | @uri')" |
		grep '^{'
}

t=$(run transfer "$1" json)
until [ "$(echo "$t" | jq -r .state)" = ENDED ]; do

	if [ "$(echo "$t" | jq .ok)" != true ]; then
		echo "${t:-no reply: is there a call?}"
		exit 1
	fi

	sleep 0.2
	t=$(run referinfo "$(echo "$t" | jq .id)" json)
done

echo "$t" | jq -r '"\(.outcome) \(.code) \(.reason // "")"'
