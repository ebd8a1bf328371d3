#!/bin/sh
# Puts the comments that there are into assets/comments, for the next build to take
# them into the pages. FOLKMOOT is where your server is.
set -eu
cd "$(dirname "$0")"
server=${FOLKMOOT:-http://localhost:8080}
hugo list all | sed 1d | while IFS= read -r page; do
	path=$(printf '%s' "$page" | cut -d, -f1)
	address=$(printf '%s' "$page" | grep -o 'https\{0,1\}://[^,]*' | head -n 1)
	file=assets/comments/${path#content/}.html
	mkdir -p "$(dirname "$file")"
	"${RENDER:-folkmoot}" render --page "$address" --from "$server" > "$file.new"
	mv "$file.new" "$file" # a server that is gone leaves what there was
done
