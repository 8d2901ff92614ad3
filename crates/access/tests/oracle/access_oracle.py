#!/usr/bin/env python3
"""Answers questions of permission by the rules of crates/access/src/rules.md, read as they stand and as slowly as need be.

Written from the rules, not from the Rust code; it shares nothing with it. Reads one JSON object a line,

    {"roles": [...], "subject": {...}, "questions": [{"verb", "target", "place", "record", "proposed"}]}

and writes one line with the list of answers: "allowed", "denied" or "needs_approval".
"""
import json
import sys
from decimal import Decimal

UNKNOWN = None


# --- values -----------------------------------------------------------------------------------------------------------

def typed(operand):
    """An operand as (kind, value)."""
    if operand == "null" or operand is None:
        return ("null", None)
    (kind, value), = operand.items()
    if kind == "number":
        return (kind, Decimal(value))
    return (kind, value)


def value_of(record, field):
    return typed(record.get(field, "null"))


# --- conditions, in three values --------------------------------------------------------------------------------------

def negate(truth):
    return UNKNOWN if truth is UNKNOWN else not truth


def every(truths):
    truths = list(truths)
    if any(t is False for t in truths):
        return False
    return UNKNOWN if any(t is UNKNOWN for t in truths) else True


def some(truths):
    truths = list(truths)
    if any(t is True for t in truths):
        return True
    return UNKNOWN if any(t is UNKNOWN for t in truths) else False


def meaning(operand, subject):
    """What a value in a condition stands for: ('one', v), ('list', [v…]) or ('nothing',)."""
    kind, value = typed(operand)
    if kind != "text" or not value.startswith("$"):
        return ("one", (kind, value))
    if value.startswith("$$"):
        return ("one", ("text", value[1:]))
    if value == "$user":
        return ("one", ("text", subject["user"]))
    if value == "$unit":
        return ("one", ("text", subject["unit"])) if subject["unit"] is not None else ("nothing",)
    if value == "$groups":
        return ("list", [("text", g) for g in subject["groups"]])
    if value == "$unit_and_below":
        return ("list", [("text", u) for u in subject["unit_and_below"]])
    return ("nothing",)


def ordered(a, b):
    """-1, 0 or 1, or UNKNOWN where the two stand in no order."""
    if a[0] != b[0] or a[0] == "null":
        return UNKNOWN
    if a[0] in ("text", "date"):
        x, y = a[1].encode(), b[1].encode()
    else:
        x, y = a[1], b[1]
    return (x > y) - (x < y)


def truth(condition, record, subject):
    (shape, body), = condition.items()
    if shape == "all":
        return every(truth(c, record, subject) for c in body)
    if shape == "any":
        return some(truth(c, record, subject) for c in body)
    if shape == "not":
        return negate(truth(body, record, subject))
    value = value_of(record, body["field"])
    if shape == "in":
        wanted = []
        for operand in body["values"]:
            means = meaning(operand, subject)
            if means[0] == "nothing":
                return UNKNOWN
            wanted += [means[1]] if means[0] == "one" else means[1]
        return value in wanted
    comparison = body["comparison"]
    means = meaning(body["value"], subject)
    if means[0] == "nothing":
        return UNKNOWN
    if means[0] == "list":
        if comparison == "equal":
            return value in means[1]
        if comparison == "not_equal":
            return value not in means[1]
        return UNKNOWN
    wanted = means[1]
    if comparison == "equal":
        return value == wanted
    if comparison == "not_equal":
        return value != wanted
    order = ordered(value, wanted)
    if order is UNKNOWN:
        return UNKNOWN
    return {"less": order < 0, "less_or_equal": order <= 0, "greater": order > 0, "greater_or_equal": order >= 0}[comparison]


# --- grants -----------------------------------------------------------------------------------------------------------

def split(target):
    """(chain, parent, child or None)"""
    (shape, body), = target.items()
    if shape == "entity":
        return ("data", body, None)
    if shape == "field":
        return ("data", body["entity"], body["field"])
    if shape == "process":
        return ("work", body, None)
    return ("work", body["process"], body["activity"])


def name_fits(pattern, name):
    if pattern.endswith("*"):
        return name.startswith(pattern[:-1])
    return pattern == name


def place_fits(within, place):
    if within is None:
        return True
    process, activity = place.get("process"), place.get("activity")
    if process is None or not name_fits(within["process"], process):
        return False
    if within.get("activity") is None:
        return True
    return activity is not None and name_fits(within["activity"], activity)


def speaks(grant, question):
    """Whether verb, parent and place fit; the child is looked at elsewhere."""
    chain, parent, _ = split(grant["target"])
    asked_chain, asked_parent, _ = split(question["target"])
    return (
        question["verb"] in grant["verbs"]
        and chain == asked_chain
        and (parent == "*" or parent == asked_parent)
        and place_fits(grant.get("within"), question["place"])
    )


def condition_of(grant):
    condition = grant.get("condition")
    return None if condition == {"all": []} else condition


def answer(roles, subject, question):
    chain, _, child = split(question["target"])
    record = question.get("record")
    # Rule 6.
    if chain == "data" and child in ("id", "version") and question["verb"] == "read":
        child = None

    def allow_holds(grant):
        condition = condition_of(grant)
        if condition is None or record is None:
            return True
        return truth(condition, record, subject) is True

    def within_limit(grant):
        limit = grant.get("limit")
        if limit is None:
            return True
        values = question.get("proposed") if question.get("proposed") is not None else record
        if values is None:
            return True
        kind, value = value_of(values, limit["field"])
        return not (kind == "number" and value > Decimal(limit["at_most"]))

    # Rule 1.
    for role in roles:
        for grant in role["grants"]:
            if grant["effect"] != "deny" or not speaks(grant, question):
                continue
            own = split(grant["target"])[2]
            if own is not None and (child is None or not name_fits(own, child)):
                continue
            condition = condition_of(grant)
            if condition is None:
                return "denied"
            if record is not None and truth(condition, record, subject) is not False:
                return "denied"

    # Rules 2 to 5, once with limits and once without.
    def permitted(counts):
        for role in roles:
            allows = [g for g in role["grants"] if g["effect"] == "allow" and speaks(g, question)]
            parents = [g for g in allows if split(g["target"])[2] is None]
            children = [g for g in allows if split(g["target"])[2] is not None]
            if not any(allow_holds(g) and counts(g) for g in parents):
                continue
            if child is None or not children:
                return True
            if any(name_fits(split(g["target"])[2], child) and allow_holds(g) and counts(g) for g in children):
                return True
        return False

    if permitted(within_limit):
        return "allowed"
    if permitted(lambda grant: True):
        return "needs_approval"
    return "denied"


def main():
    for line in sys.stdin:
        case = json.loads(line)
        answers = [answer(case["roles"], case["subject"], q) for q in case["questions"]]
        sys.stdout.write(json.dumps(answers) + "\n")


if __name__ == "__main__":
    main()
