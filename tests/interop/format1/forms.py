"""Forms (docs/format.md, section 7): their one writing, their sections and the fields of an entry.

What a field holds is left to whoever shows it: this reader carries forms and shows them as they are.
"""

import json
import re

from .cbor import text
from .primitives import Refused

MAX_BYTES = 8 << 20
# Fields in their order; `!` marks those that must be there.
SECTIONS = {
    "person": "id! name birth age birth_place sex minor citizenship ethnic_background language occupation "
    "civil_status dependants deceased contact same_as reliability_as_source note",
    "link": "person! role! event to relation from until note",
    "consent": "person! status! given_by representative mode purpose identity_level media_level onward onward_to "
    "language interpreter informed_of date valid_until review withdrawn witness note",
    "statement": "id lang! text exhibit translation_of redaction_of by drafted_by translated_by method interviewer "
    "taken place material reliability_of_information note",
    "claim": "id! text! said_by! knowledge! connection statement about date place count term term_lang public_at "
    "reliability_of_information note",
    "event": "id! title date until place type_of_act method_of_violence description stated_reason attribution "
    "statements_signed physical_consequences psychological_consequences status_at_end violation_status "
    "monitoring_status priority received note",
    "document": "id! kind! title number issuer! holder issued valid_from expires lang exhibit note",
    "finding": "id! patient! kind! degree! clinician qualification date place body_site description! allegation "
    "present restrained police_present interpreter exhibit opinion limits note",
    "whereabouts": "person! place! address from until known_to note",
    "amount": "id! what! said amount! currency! conversion note",
}


def form(value):
    """The shape of a form in a revision."""
    text(value)
    start = re.match(r'\{\n  "sanduq": "form ([1-9][0-9]*)"', value)
    if not start or len(value.encode()) > MAX_BYTES:
        raise Refused("malformed", "not a form")
    if start[1] != "1":
        return
    try:
        document = json.loads(value)
    except ValueError:
        raise Refused("malformed", "a form that is no JSON") from None
    if json.dumps(document, indent=2, ensure_ascii=False) + "\n" != value:
        raise Refused("malformed", "a form in another writing")
    sections = list(document)[1:]
    if not sections or sections != [name for name in SECTIONS if name in document]:
        raise Refused("malformed", "sections that are not known, or in another order")
    for name in sections:
        _check_section(name, document[name])


def _check_section(name, entries):
    fields = SECTIONS[name].replace("!", "").split()
    needed = {field[:-1] for field in SECTIONS[name].split() if field.endswith("!")}
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        raise Refused("malformed", "a section that is no list of entries")
    for entry in entries:
        if list(entry) != [field for field in fields if field in entry] or not needed <= set(entry):
            raise Refused("malformed", f"fields of {name} that are not known, missing, or in another order")
        if [] in entry.values():
            raise Refused("malformed", "an empty list")
    ids = [entry["id"] for entry in entries if "id" in entry]
    if len(ids) != len(set(ids)):
        raise Refused("malformed", "two entries with one identifier")
