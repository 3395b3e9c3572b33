#!/usr/bin/env bash
# The large campaign: one exhibit of 9 GiB (across the limits of 4 and 8 GiB) attached, extracted, exported, verified
# and imported, with time and peak memory of each. Needs about 50 GB in the folder named (default: a new one in /tmp).
# Repeat with: bash benches/large.sh [FOLDER] [GIB]
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --release --quiet
sanduq=$PWD/target/release/sanduq
folder=${1:-$(mktemp -d /tmp/sanduq-large.XXXXXX)}
gib=${2:-9}
mkdir -p "$folder" && cd "$folder"
printf 'four long words of a benchmark and more\n' > pass
trap 'rm -rf "$folder"' EXIT

as() { local who=$1; shift; "$sanduq" --vault "$who.vault" --identity "$who.id" --passphrase-fd 3 "$@" 3< pass; }
measured() { local name=$1; shift; /usr/bin/time -f "$name: %e s, peak %M KiB" "$@" 3< pass > out.log 2> err.log || { cat err.log; exit 1; }; tail -1 err.log; }
run() { local who=$1; shift; measured "$1" "$sanduq" --vault "$who.vault" --identity "$who.id" --passphrase-fd 3 "$@"; }

echo "making $gib GiB"
head -c "${gib}G" /dev/zero | openssl enc -aes-128-ctr -pass pass:x -nosalt -pbkdf2 2> /dev/null > big.bin
as one init --own --kdf low > /dev/null 2>&1
as two init --own --kdf low > /dev/null 2>&1
as one card --out one.card > /dev/null 2>&1
as two card --out two.card > /dev/null 2>&1
as one contact add two --card two.card > /dev/null 2>&1
as two contact add one --card one.card > /dev/null 2>&1
code=$(as one new 2> /dev/null)
run one attach "$code" big.bin
run one extract "$code" E1 --out back.bin
cmp big.bin back.bin && rm back.bin && echo "extract gives the same bytes"
run one export "$code" --to two --parts exhibits --out bundle.age --override "a measurement" --yes --unverified
rm big.bin && rm -r one.vault
run two verify bundle.age
run two import bundle.age
run two extract "$code" E1 --out back.bin
head -c "${gib}G" /dev/zero | openssl enc -aes-128-ctr -pass pass:x -nosalt -pbkdf2 2> /dev/null | cmp - back.bin && echo "and so after export and import"
