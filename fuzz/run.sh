#!/usr/bin/env bash
# Fuzzes a target within the caps (1 s and 256 MiB an input), then keeps in corpus/ what reached something new.
#   cargo +nightly fuzz build -s none && fuzz/run.sh TARGET|all [SECONDS OF PROCESSOR TIME]
# Without the address sanitizer: the package forbids unsafe code, and the sanitizer's own memory would hide the cap.
set -euo pipefail
cd "$(dirname "$0")"

target=${1:?which target? one of: $(ls corpus | tr '\n' ' ')}
seconds=${2:-600}
if [ "$target" = all ]; then
    for target in $(ls corpus); do ./run.sh "$target" "$seconds"; done
    exit
fi
binary=target/x86_64-unknown-linux-gnu/release/$target
[ -x "$binary" ] || { echo "build first: cargo +nightly fuzz build -s none"; exit 2; }

work=target/work/$target
findings=artifacts/$target
log=target/work/$target.log
mkdir -p "$work" "$findings"
: >"$log"

# Kept inputs may be longer than the fuzzer would choose by itself.
caps=(-timeout=1 -rss_limit_mb=256 -max_len=20480 -artifact_prefix="$findings/")
start=$SECONDS
processor=0
# Time on the processor, not on the clock: beside other work ten minutes of the clock may be one of fuzzing.
while left=$((seconds - processor)); [ "$left" -gt 0 ]; do
    code=0
    "$binary" "${caps[@]}" -max_total_time="$left" -print_final_stats=1 "$work" "corpus/$target" >>"$log" 2>&1 || code=$?
    times >"$log.times"
    processor=$(awk 'NR == 2 { split($1, user, /[ms]/); print int(user[1] * 60 + user[2]) }' "$log.times")
    [ "$code" = 0 ] && continue
    # A machine that slept looks like an input that took too long: such an input is timed once more, alone.
    slow=$(ls -t "$findings"/timeout-* 2>/dev/null | head -1 || true)
    if [ "$code" = 70 ] && [ -n "$slow" ] && "$binary" "${caps[@]}" "$slow" >>"$log" 2>&1; then
        rm "$slow"
        continue
    fi
    echo "$target: a finding in fuzz/$findings, exit $code, see fuzz/$log"
    exit 1
done

"$binary" -merge=1 -max_len=20480 "corpus/$target" "$work" >>"$log.merge" 2>&1
units=$(awk '/number_of_executed_units/ { sum += $2 } END { print sum }' "$log")
memory=$(awk '/peak_rss_mb/ && $2 > top { top = $2 } END { print top }' "$log")
cover=$(grep -o 'cov: [0-9]* ft: [0-9]*' "$log" | tail -1)
echo "$target: $units inputs in $((SECONDS - start)) s (processor $processor s), at most $memory MiB, $cover, $(ls "corpus/$target" | wc -l) kept"
