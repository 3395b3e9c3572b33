"""Checks that the operations in custody/log/*.json are in the signed entries (RFC 6962, section 2.1.1)."""
import glob
import hashlib
import json
import sys


def sha256(data):
    return hashlib.sha256(data).digest()


def root(leaf, index, count, path):
    if count == 1:
        return leaf if not path else b""
    left = 1
    while left * 2 < count:
        left *= 2
    if not path or index >= count:
        return b""
    if index < left:
        return sha256(b"\1" + root(leaf, index, left, path[:-1]) + path[-1])
    return sha256(b"\1" + path[-1] + root(leaf, index - left, count - left, path[:-1]))


wrong = 0
for name in sorted(glob.glob("custody/log/*.json")):
    entry = json.load(open(name))
    core = open(name[:-4] + "signed", "rb").read().split(b"\0", 1)[1]
    for operation in entry["operations"]:
        salt, content = bytes.fromhex(operation["salt"]), bytes.fromhex(operation["operation"])
        path = [bytes.fromhex(digest) for digest in operation["path"]]
        found = root(sha256(b"\0" + salt + content), operation["index"], entry["count"], path)
        good = b"\x6aoperations\x58\x20" + found in core
        wrong += not good
        print(name, "operation", operation["index"], "is in the entry" if good else "IS NOT IN THE ENTRY")
sys.exit(wrong > 0)
