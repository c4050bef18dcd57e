# Exits with the number of failures.

. ./durations.sh

failures=0

expect() {
    seconds=$(parse_duration "$1") || seconds=nothing
    if [ "$seconds" = "$2" ]; then
        echo "ok    '$1'"
    else
        echo "FAIL  '$1': expected $2, got $seconds"
        failures=$((failures + 1))
    fi
}

expect 90s 90
expect 45m 2700
expect 1h30m 5400
expect 2h5m10s 7510
expect '' nothing
expect soon nothing
expect 1h30 nothing

exit "$failures"
