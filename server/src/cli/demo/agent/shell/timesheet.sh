# Sums up durations: sh timesheet.sh 45m 1h30m

. ./durations.sh

total=0
for duration in "$@"; do
    seconds=$(parse_duration "$duration")
    total=$((total + seconds))
done
echo "$((total / 3600)) h $((total % 3600 / 60)) min"
