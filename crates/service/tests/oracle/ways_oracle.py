#!/usr/bin/env python3
"""Says what each user may see of each record by each way out of the service.

It decides by crates/access/tests/oracle/access_oracle.py, which was written from the rules (crates/access/src/rules.md)
and not from the Rust code; what follows from a decision for a list, a count, an order or a search is written here, from
docs/security.md and the API's own words. One JSON object a line in:

    {"roles": [...], "subject": {...}, "fields": [...], "records": [{"id", "values": {grant name: operand}}],
     "contacts": [{"customer", "values"}]}

and one out: which rows are seen, which cells of them, what may be filtered and sorted by, and what of the contacts.
"""
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "..", "access", "tests", "oracle"))

from access_oracle import answer, split, name_fits, condition_of  # noqa: E402


def may(roles, subject, verb, target, record=None):
    question = {"verb": verb, "target": target, "place": {}}
    if record is not None:
        question["record"] = record
    return answer(roles, subject, question) == "allowed"


def reads(grant, entity):
    chain, parent, _ = split(grant["target"])
    return chain == "data" and parent in ("*", entity) and "read" in grant["verbs"] and grant.get("within") is None


def is_plain(roles, entity, field):
    """Nothing that any role says of this field depends on the record: then it is seen on every row that is seen, or on none."""
    for role in roles:
        children = [g for g in role["grants"] if reads(g, entity) and split(g["target"])[2] is not None]
        if any(condition_of(g) is not None and name_fits(split(g["target"])[2], field) for g in children):
            return False
    return True


def names(roles, entity, field):
    """Whether each role that reads the entity at all lets this field through."""
    for role in roles:
        of = [g for g in role["grants"] if reads(g, entity)]
        if not any(g["effect"] == "allow" and split(g["target"])[2] is None for g in of):
            continue
        listed = [g for g in of if g["effect"] == "allow" and split(g["target"])[2] is not None]
        if listed and not any(name_fits(split(g["target"])[2], field) for g in listed):
            return False
    return True


def told(case):
    roles, subject = case["roles"], case["subject"]
    rows, cells = [], {field: [] for field in case["fields"]}
    for record in case["records"]:
        values = record["values"]
        seen = may(roles, subject, "read", {"entity": "customer"}, values)
        rows.append(seen)
        for field in case["fields"]:
            target = {"field": {"entity": "customer", "field": field}}
            cells[field].append(seen and may(roles, subject, "read", target, values))
    search = {}
    for field in case["fields"]:
        if any(seen and not cell for seen, cell in zip(rows, cells[field])):
            search[field] = "refused"
        elif any(rows) and is_plain(roles, "customer", field) and names(roles, "customer", field):
            search[field] = "done"
        else:
            search[field] = "either"
    by_id = {record["id"]: seen for record, seen in zip(case["records"], rows)}
    contacts = []
    for contact in case["contacts"]:
        values = contact["values"]
        row = by_id[contact["customer"]] and may(roles, subject, "read", {"entity": "contact"}, values)
        contacts.append({
            field: row and may(roles, subject, "read", {"field": {"entity": "contact", "field": field}}, values)
            for field in values if field not in ("id", "customer")
        })
    entity = {
        name: {verb: may(roles, subject, verb, {"entity": name}) for verb in ("read", "create", "execute", "export")}
        for name in ("customer", "contact", "history", "audit", "instance", "work_item")
    }
    return {"rows": rows, "cells": cells, "search": search, "contacts": contacts, "entity": entity}


def main():
    for line in sys.stdin:
        sys.stdout.write(json.dumps(told(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
