"""Every map of docs/format.md, in the order of the page."""

from .cbor import data, file_name, line, many, matching, maybe, number, record, statement, structure, text
from .forms import form

KIB, MIB = 1 << 10, 1 << 20
HASH, ID = data(32), data(16)
LABEL, TITLE = line(64), line(KIB)
PART = matching("(person|testimony|whereabouts|medical|notes|exhibits|consent)(/[a-z0-9-]{1,32})?", 64)
LANG = matching("([A-Za-z]{2,8}|[xi])(-[A-Za-z0-9]{1,8})*", 64)

PERSON, WORD, EDTF = matching("[A-Za-z0-9_.-]{1,32}", 32), text, text

# Section 5
IDENTITY = structure("identity", 510, root=data(32), predecessor=maybe(data(32)))
CARD = structure("card", 4 * KIB, core=data(), sig=data(64), succession=maybe(data(64)))
CARD_CORE = structure(
    "card core", 2 * KIB, hybrid=data(1216), classic=data(32), mailbox=data(32), signing=data(32), minisign=data(32),
    succeeds=maybe(HASH),
)
CONTACT = record(
    id=ID, label=LABEL, card=maybe(data()), age=maybe(text), verified=maybe(data(64)), added=number,
    replaces=many(ID),
)
ADDRESS_BOOK = structure("address book", 64 * MIB, contacts=many(CONTACT))
CONTACT_CORE = structure("contact core", 512, owner=HASH, card=HASH, label=LABEL)

# Section 6
GENESIS = structure("genesis", MIB, vault=data(32), owner=HASH, secret=data(32), former=many(data()))
ENTRY = structure("entry", MIB, core=data(), sig=data(64), private=data())
ENTRY_CORE = structure(
    "entry core", KIB, vault=data(32), owner=HASH, writer=ID, n=number, previous=maybe(HASH), heads=HASH, time=number,
    operations=HASH, private=HASH,
)
HEAD = record(writer=ID, n=number, hash=HASH)
RUN_REFERENCE = record(key=data(32), digest=HASH, rows=number)
ENTRY_PRIVATE = structure(
    "entry private", MIB, salt=data(32), heads=many(HEAD), inline=many(data()),
    object=maybe(record(key=data(32), digest=HASH, count=number)), runs=many(RUN_REFERENCE),
)
OPERATIONS = structure("operations", 256 * MIB, operations=many(data()))
OPERATION = record(op=number, case=maybe(ID), body=data())

REVISION_OF_PART = record(part=PART, revision=HASH)
OPERATION_BODIES = {
    1: record(),
    2: record(part=PART, revision=HASH, replaces=many(HASH)),
    3: record(to=HASH, writer=ID, n=number, revisions=many(REVISION_OF_PART)),
    4: record(**{"from": HASH}),
    5: record(bundle=ID, to=HASH, manifest=HASH, revisions=many(REVISION_OF_PART)),
    6: record(bundle=ID, signer=HASH, revisions=many(REVISION_OF_PART)),
    7: record(vault=data(32), sender=HASH, revisions=many(REVISION_OF_PART)),
    9: record(),
    11: record(to=HASH, purpose=maybe(WORD), reason=line(KIB)),
    12: record(person=PERSON, part=PART, revision=HASH),
    10: record(heads=many(HEAD)),
    16: record(),
    17: record(),
    18: record(runs=many(HASH)),
}

# Section 7
EXHIBIT = record(number=number, name=file_name, bytes=number, sha256=HASH, segments=many(data(32)))
REVISION = structure(
    "revision", 32 * MIB, core=data(), sig=data(64), random=data(32), lang=maybe(LANG), text=maybe(statement),
    exhibits=many(EXHIBIT), removed=many(HASH), form=form, left_out=("form",),
)
POSITION = record(author=HASH, branch=ID, index=number)
REVISION_CORE = structure(
    "revision core", 8 * MIB, case=ID, part=PART, branch=ID, index=number, vector=many(POSITION), content=HASH,
    exhibits=many(HASH), author=HASH, time=number,
)

# Section 8
TERMS = record(
    person=PERSON, status=WORD, given_by=maybe(WORD), representative=maybe(PERSON), purpose=many(WORD),
    identity_level=maybe(WORD), onward=maybe(WORD), onward_to=many(line(KIB)), date=maybe(EDTF), valid_until=maybe(EDTF),
    review=maybe(EDTF), withdrawn=maybe(EDTF),
)
PEOPLE = record(persons=many(record(person=PERSON, **{"is": number})), consents=many(TERMS), **{"is": number})
FACTS = {
    1: CONTACT,
    2: record(to=HASH, writer=ID, n=number, time=number, cases=number),
    3: record(card=data(), via=HASH),
    4: record(bundle=ID, to=HASH, label=LABEL, time=number, manifest=HASH),
    5: record(case=ID, digest=HASH),
    16: record(time=number, via=maybe(HASH)),
    17: record(title=TITLE, time=number, replaces=many(ID)),
    18: record(
        part=PART, revision=HASH, key=data(32), author=HASH, branch=ID, index=number, vector=many(POSITION),
        time=number, entry=record(writer=ID, n=number, operation=number), via=maybe(HASH), people=PEOPLE,
        left_out=("people",),
    ),
    19: record(
        to=HASH, time=number, writer=ID, n=number, bundle=maybe(ID), revisions=many(REVISION_OF_PART), purpose=WORD,
        left_out=("purpose",),
    ),
    20: record(to=HASH, time=number, ends=many(ID)),
    21: record(
        **{"from": HASH}, vault=maybe(data(32)), bundle=maybe(ID), time=number, revisions=many(HASH)
    ),
}
RUN_INDEX = structure(
    "run", 256 * MIB, rows=number, blocks=many(record(first=data(33), bytes=number, digest=HASH))
)

# Section 9
GRANT = structure("grant", 256 * MIB, core=data(), sig=data(64), content=data())
GRANT_CORE = structure(
    "grant core", KIB, vault=data(32), sender=HASH, recipient=HASH, writer=ID, n=number, time=number, content=HASH
)
GRANT_CONTENT = structure(
    "grant content",
    256 * MIB,
    cases=many(record(case=ID, revisions=many(record(part=PART, key=data(32), revision=HASH)))),
    cards=many(data()),
)
MARK = record(n=number, hash=HASH)
MEMORY = structure(
    "memory", 64 * MIB, vault=data(32), place=data(32), writer=maybe(ID), marked=maybe(MARK), pending=maybe(MARK),
    runs=many(RUN_REFERENCE), heads=many(HEAD), messages=many(record(sender=HASH, writer=ID, n=number)),
    listed=many(record(sender=HASH, writer=ID, n=number)),
)
PLACES = structure("places", MIB, places=many(record(path=data(32), vault=data(32))))
