"""PowerShell as a tree: the few questions that the probe's tests ask of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import tree_sitter_powershell
from tree_sitter import Language, Node, Parser

_PARSER = Parser(Language(tree_sitter_powershell.language()))


@dataclass(frozen=True)
class Call:
    """A command as written: its name, the parameters with the text of their values, and values without a parameter."""

    name: str
    parameters: dict[str, str | None]
    positional: tuple[str, ...]
    line: int


@dataclass
class Function:
    """A function of the probe: its parameters, and the body to look into."""

    name: str
    parameters: set[str] = field(default_factory=set)
    body: Node | None = None


def parse(script: str) -> Node:
    return _PARSER.parse(script.encode()).root_node


def text(node: Node) -> str:
    assert node.text is not None
    return node.text.decode()


def line(node: Node) -> int:
    return node.start_point[0] + 1


def walk(node: Node) -> Iterator[Node]:
    """Every node below and including this one, in the order of the text."""
    yield node
    for child in node.children:
        yield from walk(child)


def below(node: Node, *kinds: str) -> Iterator[Node]:
    return (each for each in walk(node) if each.type in kinds)


def first(node: Node, kind: str) -> Node | None:
    return next(below(node, kind), None)


def call_of(command: Node) -> Call:
    name = next((text(child) for child in command.children if child.type in ("command_name", "command_name_expr")), "")
    parameters: dict[str, str | None] = {}
    positional: list[str] = []
    open_parameter: str | None = None
    elements = next((child for child in command.children if child.type == "command_elements"), None)
    for element in elements.named_children if elements is not None else ():
        if element.type in ("command_argument_sep", "redirection"):
            continue
        if element.type == "command_parameter":
            open_parameter = text(element).lstrip("-").rstrip(":").lower()
            parameters[open_parameter] = None
        elif open_parameter is not None:
            parameters[open_parameter] = text(element)
            open_parameter = None
        else:
            positional.append(text(element))
    return Call(name=name, parameters=parameters, positional=tuple(positional), line=line(command))


def calls(node: Node) -> list[Call]:
    return [call_of(command) for command in below(node, "command")]


def functions(root: Node) -> dict[str, Function]:
    """The functions that a script defines, by lower-case name."""
    found: dict[str, Function] = {}
    for statement in below(root, "function_statement"):
        name = first(statement, "function_name")
        assert name is not None
        function = Function(name=text(name), body=statement)
        block = first(statement, "param_block")
        for parameter in below(block, "script_parameter") if block is not None else ():
            variable = next(child for child in parameter.children if child.type == "variable")
            function.parameters.add(text(variable).lstrip("$").lower())
        found[function.name.lower()] = function
    return found


def keys_of(literal: Node) -> dict[str, str]:
    """A hash literal's own keys with the text of their values; those of nested literals are not among them."""
    entries: dict[str, str] = {}
    body = next((child for child in literal.children if child.type == "hash_literal_body"), None)
    for entry in body.children if body is not None else ():
        if entry.type == "hash_entry":
            key, value = entry.named_children[0], entry.named_children[-1]
            entries[text(key).strip("'\"")] = text(value)
    return entries
