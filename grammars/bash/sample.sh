#!/bin/bash
# A comment.
TURNS=3
readonly NAME='rope'

twist() {
  local text="rope $(helper "$1") ${NAME} long"
  echo "$text" $0| grep rope
}

function main {
  twist 1
}

cat <<TEXT
raw
TEXT
main "$@"
