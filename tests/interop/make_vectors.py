#!/usr/bin/env python3
"""Makes tests/vectors/sanduq/*.json anew, from docs/format.md alone.

    make_vectors.py FILE    where FILE is the EFF large word list (eff_large_wordlist.txt)

Only for a change of the format: vectors that were published stay as they are.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from maker import basics, cases, people, vaults

FOLDER = Path(__file__).resolve().parent.parent / "vectors" / "sanduq"


def factored(vectors):
    """What most vectors of a file say alike, and the vectors with what they say otherwise."""
    common = {}
    for member in vectors[0]:
        values = [vector.get(member) for vector in vectors]
        usual = max(values, key=values.count)
        if member not in ("name", "expect") and None not in values and values.count(usual) > 1:
            common[member] = usual
    own = [{m: v for m, v in vector.items() if m not in common or v != common[m]} for vector in vectors]
    return common, own


def main():
    words = Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
    people.WORDS += [line.split()[-1] for line in words if line.strip()]
    assert len(people.WORDS) == 7776
    total = 0
    for module in (basics, people, cases, vaults):
        for kind, (make, about) in module.KINDS.items():
            vectors = list(make())
            assert len({vector["name"] for vector in vectors}) == len(vectors), kind
            common, own = factored(vectors)
            document = {"format": 1, "kind": kind, "about": about, "common": common, "vectors": own}
            text = json.dumps(document, default=bytes.hex, ensure_ascii=False, indent=1)
            (FOLDER / f"{kind}.json").write_text(text + "\n", encoding="utf-8")
            total += len(vectors)
    print(f"{total} vectors")


if __name__ == "__main__":
    main()
