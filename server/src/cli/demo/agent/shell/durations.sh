# Durations as people write them: 90s, 45m, 1h30m.

# Prints the seconds that $1 stands for; fails when it is no duration.
parse_duration() {
    number=${1%[hms]}
    case $number in
        '' | *[!0-9]*) return 1 ;;
    esac
    case $1 in
        *h) echo $((number * 3600)) ;;
        *m) echo $((number * 60)) ;;
        *s) echo "$number" ;;
        *) return 1 ;;
    esac
}
