#!/bin/sh
# Stands in for `ropewalk` on an editor's PATH: notes the process id, then becomes the real server.
# ROPEWALK_BIN is the server, ROPEWALK_PIDS the file that gets one process id a line.
echo $$ >> "$ROPEWALK_PIDS"
exec "$ROPEWALK_BIN" "$@"
