"""The guard: every way in which a script is more than the reviewed, read-only subset of PowerShell 3.0."""

from tree_sitter import Node

from tests.probes.allowed import (
    BLOCK,
    CONSTRUCTS,
    FEED,
    GUESTS,
    METHODS,
    NEW_OBJECTS,
    OPERATORS,
    PREFERENCES,
    READS,
    SESSION,
    SETTINGS,
    TOLERANT,
    TYPES,
)
from tests.probes.syntax import Call, Function, below, calls, first, functions, line, parse, text, walk

# The one common parameter in use.
_ANYONE = frozenset({"erroraction"})


def split(script: str) -> tuple[str, str | None]:
    """A script without the block that it hands to guests, and that block's text; None where it has none."""
    for target, value in _assignments(parse(script)):
        block = first(value, "script_block_expression")
        if text(target) == BLOCK and block is not None and text(block) == text(value):
            inside = text(block)[1:-1]
            return script.replace(text(block), "$null", 1), inside
    return script, None


def offences(script: str) -> list[str]:
    """What is forbidden in this script, a sentence each; empty for one that may be sent to a host.

    The block for guests is a script of its own: it is judged by itself, and may hold no further block.
    """
    outside, inside = split(script)
    found = _offences(outside)
    if inside is not None:
        found += [f"for guests: {offence}" for offence in _offences(inside)]
    return found


def _offences(script: str) -> list[str]:
    root = parse(script)
    own = functions(root)
    found = [
        *_broken(root),
        *_constructs(root),
        *_variables(root),
        *_types(root),
        *_members(root),
        *_settings(root),
        *(offence for call in calls(root) for offence in _call(call, own)),
    ]
    found += [f"function {name}: hides a cmdlet of that name" for name in own if name in READS | SESSION | GUESTS]
    blocks = [value for target, value in _assignments(root) if text(target).lower() == BLOCK.lower()]
    if len(blocks) > 1 or any(text(value) != "$null" for value in blocks):
        found.append(f"{BLOCK} set to something else than its one block")
    return found


def _broken(root: Node) -> list[str]:
    return [
        f"line {line(node)}: not valid PowerShell" for node in walk(root) if node.type == "ERROR" or node.is_missing
    ]


def _constructs(root: Node) -> list[str]:
    found = []
    for node in walk(root):
        if node.is_named and node.type not in CONSTRUCTS and node.type != "ERROR":
            found.append(f"line {line(node)}: {node.type} `{text(node)[:40]}`")
        if node.type == "comparison_operator" and text(node).lower() not in OPERATORS:
            found.append(f"line {line(node)}: operator {text(node)}")
        if node.type == "|":
            found.append(f"line {line(node)}: a pipe; its other end would be a script block or a second cmdlet")
        if node.type == "expandable_string_literal" and "$" in text(node):
            found.append(f"line {line(node)}: text that is put together by expansion")
    return found


def _variables(root: Node) -> list[str]:
    found = [
        f"line {line(node)}: variable {text(node)}"
        for node in below(root, "variable")
        if ":" in text(node) or "@" in text(node)
    ]
    for target, value in _assignments(root):
        name = text(target).lstrip("$").lower()
        wanted = PREFERENCES.get(name)
        if (name.endswith("preference") or wanted is not None) and text(value) != wanted:
            found.append(f"line {line(target)}: {text(target)} set to {text(value)}")
        if name == "feed" and text(value) not in FEED:
            found.append(f"line {line(target)}: {text(value)} fed to a program")
    return found


def _types(root: Node) -> list[str]:
    return [
        f"line {line(node)}: type {text(node)}"
        for node in below(root, "type_literal", "attribute")
        if text(node).strip("[]") not in TYPES
    ]


def _members(root: Node) -> list[str]:
    """Static members by their type, instance methods by their name; properties may be read."""
    found = []
    for node in below(root, "invokation_expression", "member_access"):
        name = first_child(node, "member_name")
        simple = first(name, "simple_name") if name is not None else None
        if simple is None or text(simple) != text(name or node):
            found.append(f"line {line(node)}: a member that is not named in the text: {text(node)[:60]}")
            continue
        owner = node.children[0]
        is_static = any(child.type == "::" for child in node.children)
        if is_static:
            kind = text(owner).strip("[]")
            if owner.type != "type_literal" or text(simple) not in TYPES.get(kind, frozenset()):
                found.append(f"line {line(node)}: {text(owner)}::{text(simple)}")
        elif node.type == "invokation_expression" and text(simple) not in METHODS:
            found.append(f"line {line(node)}: method {text(simple)}")
    return found


def first_child(node: Node, kind: str) -> Node | None:
    return next((child for child in node.children if child.type == kind), None)


def _settings(root: Node) -> list[str]:
    """Properties are set on the two programs' start information and on the XML document, to these values."""
    found = []
    for target, value in _assignments(root):
        access = next((node for node in below(target, "member_access", "invokation_expression")), None)
        if access is None or first(target, "element_access") is not None:
            continue
        if text(value) not in SETTINGS.get(text(target), frozenset()):
            found.append(f"line {line(target)}: {text(target)} set to {text(value)}")
    return found


def _assignments(root: Node) -> list[tuple[Node, Node]]:
    return [
        (node.named_children[0], node.named_children[-1])
        for node in below(root, "assignment_expression")
        if len(node.named_children) >= 2
    ]


def _call(call: Call, own: dict[str, Function]) -> list[str]:
    name = call.name.lower()
    where = f"line {call.line}: {call.name}"
    if name in own:
        allowed = frozenset(own[name].parameters)
    elif name in READS or name in SESSION:
        allowed = (READS | SESSION)[name] | (_ANYONE if name in READS else frozenset())
    elif name in GUESTS:
        return _guest_call(call, where)
    else:
        return [f"{where} is not on the list"]
    unknown = set(call.parameters) - allowed
    found = [f"{where} -{parameter} is not on the list" for parameter in sorted(unknown)]
    if call.positional:
        found.append(f"{where}: a value without its parameter's name: {call.positional[0]}")
    if name in READS and call.parameters.get("erroraction") != "Stop":
        tolerant = (name, call.parameters.get("filterhashtable")) in TOLERANT
        if not (tolerant and call.parameters.get("erroraction") == "SilentlyContinue"):
            found.append(f"{where} without -ErrorAction Stop")
    if name == "new-object" and call.parameters.get("typename") not in NEW_OBJECTS:
        found.append(f"{where} -TypeName {call.parameters.get('typename')}")
    return found


def _guest_call(call: Call, where: str) -> list[str]:
    wanted = GUESTS[call.name.lower()] | _ANYONE
    found = [f"{where} -{parameter} is not on the list" for parameter in sorted(set(call.parameters) - wanted)]
    found += [f"{where} without -{parameter}" for parameter in sorted(wanted - set(call.parameters))]
    if call.positional:
        found.append(f"{where}: a value without its parameter's name: {call.positional[0]}")
    if call.parameters.get("erroraction") != "Stop":
        found.append(f"{where} without -ErrorAction Stop")
    if call.name.lower() == "invoke-command" and call.parameters.get("scriptblock") != BLOCK:
        found.append(f"{where} with another block than {BLOCK}")
    return found
