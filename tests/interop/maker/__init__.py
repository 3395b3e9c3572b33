"""Makes the vectors of tests/vectors/sanduq from docs/format.md: what only a writer needs stands here, not in format1.

Everything random is drawn from a fixed label, so that a second run makes the same files; only what is sealed with
ML-KEM differs, because no library lets its caller choose that randomness, and rightly so.
"""
