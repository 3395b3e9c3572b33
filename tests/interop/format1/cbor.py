"""CBOR as section 1 of docs/format.md has it: definite lengths, shortest forms, maps in the order of the page.

`decode` gives plain Python values and refuses every encoding but the shortest; a shape says which values
may stand where, and in which order the keys of a map stand. Then no second encoding is possible; `parse`
encodes again all the same, as the page asks.
"""

import re
import unicodedata

from .primitives import WHITE_SPACE, Refused, words

DEEPEST = 16
NUMBER, BYTES, TEXT, ARRAY, MAP = 0, 2, 3, 4, 5
SIMPLE = {b"\xf4": False, b"\xf5": True, b"\xf6": None}


def decode(data):
    value, end = _item(data, 0, 0)
    if end != len(data):
        raise Refused("malformed", "bytes after the end")
    return value


def encode(value):
    """The one encoding of a value made of None, bool, int, bytes, str, list and dict."""
    if value is None or isinstance(value, bool):
        return {None: b"\xf6", False: b"\xf4", True: b"\xf5"}[value]
    if isinstance(value, int):
        return _head(NUMBER, value)
    if isinstance(value, bytes):
        return _head(BYTES, len(value)) + value
    if isinstance(value, str):
        return _head(TEXT, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return _head(ARRAY, len(value)) + b"".join(map(encode, value))
    pairs = b"".join(encode(key) + encode(member) for key, member in value.items())
    return _head(MAP, len(value)) + pairs


def _head(major, argument):
    if argument < 24:
        return bytes([major << 5 | argument])
    for code, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if argument < 1 << 8 * size:
            return bytes([major << 5 | code]) + argument.to_bytes(size, "big")
    raise ValueError("too large for CBOR")


def _take(data, at, count):
    if count > len(data) - at:
        raise Refused("malformed", "cut short")
    return data[at : at + count], at + count


def _argument(data, at):
    """The major type and the argument of the head at `at`, which must be of the shortest form."""
    (first,), at = _take(data, at, 1)
    major, argument = first >> 5, first & 31
    if 24 <= argument < 28:
        size = 1 << argument - 24
        raw, at = _take(data, at, size)
        argument = int.from_bytes(raw, "big")
        if argument < 24 or argument < 1 << 4 * size and size > 1:
            raise Refused("malformed", "not the shortest form")
    elif argument >= 28:
        raise Refused("malformed", "an indefinite length, or no length at all")
    return major, argument, at


def _item(data, at, depth):
    if depth > DEEPEST:
        raise Refused("malformed", "nested too deeply")
    if data[at : at + 1] in SIMPLE:
        return SIMPLE[data[at : at + 1]], at + 1
    major, argument, at = _argument(data, at)
    if major == NUMBER:
        return argument, at
    if major in (BYTES, TEXT):
        raw, at = _take(data, at, argument)
        return (_text(raw) if major == TEXT else raw), at
    if major == ARRAY:
        return _several(data, at, argument, depth)
    if major == MAP:
        return _map(data, at, argument, depth)
    raise Refused("malformed", "a kind of value that no structure has")


def _text(raw):
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise Refused("malformed", "text that is no UTF-8") from None


def _several(data, at, count, depth):
    values = []
    for _ in range(count):
        value, at = _item(data, at, depth + 1)
        values.append(value)
    return values, at


def _map(data, at, count, depth):
    members = {}
    for _ in range(count):
        key, at = _item(data, at, depth + 1)
        if not isinstance(key, str) or key in members:
            raise Refused("malformed", "a key that is no text, or stands twice")
        members[key], at = _item(data, at, depth + 1)
    return members, at


# Shapes: functions that refuse a value that is not of their kind.


def number(value):
    if not isinstance(value, int) or isinstance(value, bool):
        raise Refused("malformed", "not a number")


def data(length=None):
    def shape(value):
        if not isinstance(value, bytes) or length is not None and len(value) != length:
            raise Refused("malformed", "not a byte string of the right length")

    return shape


def text(value):
    if not isinstance(value, str):
        raise Refused("malformed", "not a text")


def statement(value):
    """The text of a part."""
    text(value)
    if not unicodedata.is_normalized("NFC", value) or value.startswith("\ufeff") or "\r" in value:
        raise Refused("malformed", "not in NFC, or with a byte order mark or CR")
    if not words(value) or len(value.encode()) > 16 << 20:
        raise Refused("malformed", "an empty text, or one that is too long")


def line(limit):
    """A title or a label."""

    def shape(value):
        text(value)
        breaks = any(unicodedata.category(c) == "Cc" or c in "\u2028\u2029" for c in value)
        loose_ends = re.search(f"^[{WHITE_SPACE}]|[{WHITE_SPACE}]$|^$", value)
        if breaks or loose_ends or not unicodedata.is_normalized("NFC", value):
            raise Refused("malformed", "not one line in its normal form")
        if len(value.encode()) > limit:
            raise Refused("malformed", "a line that is too long")

    return shape


def matching(pattern, limit):
    """A text of which a pattern says all."""

    def shape(value):
        text(value)
        if not re.fullmatch(pattern, value) or len(value) > limit:
            raise Refused("malformed", "a text that may not stand here")

    return shape


def file_name(value):
    text(value)
    if not 1 <= len(value.encode()) <= 255:
        raise Refused("malformed", "a file name of a forbidden length")


def maybe(inner):
    return lambda value: None if value is None else inner(value)


def many(inner):
    def shape(value):
        if not isinstance(value, list):
            raise Refused("malformed", "not an array")
        for member in value:
            inner(member)

    return shape


def record(left_out=(), **members):
    """A map with exactly these keys in exactly this order; those that may be left out are, where they are not there."""

    def shape(value):
        if not isinstance(value, dict):
            raise Refused("malformed", "not a map")
        if list(value) != [key for key in members if key in value or key not in left_out]:
            raise Refused("malformed", f"the keys are {', '.join(value)}")
        for key in value:
            members[key](value[key])

    return shape


def structure(type_, limit, **members):
    """A map of at most `limit` bytes that starts with `v` and `type`."""

    def constant(expected):
        def shape(value):
            if value != expected or isinstance(value, bool):
                raise Refused("malformed", f"{value!r} where {expected!r} was expected")

        return shape

    shape = record(v=constant(1), type=constant(type_), **members)
    LIMITS[shape] = limit
    return shape


LIMITS = {}


def parse(shape, raw):
    """The value encoded by `raw`, when it is of this shape and this is its only encoding."""
    if shape in LIMITS and raw[1:3] == b"\x61v" and b"\2" <= raw[3:4] < b"\x1c":
        raise Refused("newer", "written by a newer sanduq")
    if len(raw) > LIMITS.get(shape, len(raw)):
        raise Refused("malformed", "longer than such a structure may be")
    value = decode(raw)
    shape(value)
    if encode(value) != raw:
        raise Refused("malformed", "not the only encoding")
    return value
