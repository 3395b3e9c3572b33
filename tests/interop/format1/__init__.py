"""sanduq format 1, read a second time: written from docs/format.md alone, sharing no code with the program.

One module a section: `primitives` and `cbor` (1), `objects` (3 and 4), `identity` (5), `age` and `grants` (9),
`log` (6), `revisions` (7), `state` (8), and `structures`, which writes down every map of the page once.
"""
