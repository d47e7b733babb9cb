"""The mutants of a C file: each is one small bug, planted in what clang's AST says of the text.

Ghost code is comment to clang, and has no mutants. Nor has what a macro hides, but for its arguments."""
import json
import re
import subprocess
from typing import NamedTuple

SWAPS = {"+": "-", "-": "+", "*": "+", "/": "*", "%": "/", "<<": ">>", ">>": "<<", "&": "|", "|": "&",
         "<": "<= >=", "<=": "< >", ">": ">= <=", ">=": "> <", "==": "!=", "!=": "==", "&&": "||", "||": "&&",
         "+=": "-=", "-=": "+=", "++": "--", "--": "++"}
CONDITION = {"IfStmt": 0, "WhileStmt": 0, "ConditionalOperator": 0, "DoStmt": 1, "ForStmt": 2}  # which child
STATEMENTS = {"CallExpr", "BinaryOperator", "CompoundAssignOperator", "UnaryOperator", "BreakStmt", "ContinueStmt"}
NEGATED = {"<", "<=", ">", ">=", "==", "!=", "!"}  # by another operator, or by none
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)


class Mutant(NamedTuple):
    module: str
    function: str
    old: str  # the lines of the change, without comments, as one
    new: str
    text: str  # of the whole file

    @property
    def key(self):
        return f"{self.module}: {self.function}: {self.old} => {self.new}"


class File:
    """A file's text and AST, and where in the text a node is."""

    def __init__(self, path, flags):
        self.path, self.text = path, path.read_text()
        dump = subprocess.run(["clang", "-fsyntax-only", "-Xclang", "-ast-dump=json", *flags, path],
                              capture_output=True, check=True)
        self.top = json.loads(dump.stdout)["inner"]
        self.fields = {}
        for record in self.top:
            if record["kind"] == "RecordDecl":
                mine = [field for field in record.get("inner", []) if field["kind"] == "FieldDecl"]
                for field in mine:
                    same = [f["name"] for f in mine if type_of(f) == type_of(field)]
                    self.fields[field["id"]] = same[(same.index(field["name"]) + 1) % len(same)]

    def place(self, location):
        """The text that a location names: start, end. Of a macro's, its argument or its name alone."""
        if "expansionLoc" in location:
            expansion = location["expansionLoc"]
            if expansion.get("isMacroArgExpansion"):
                location = location["spellingLoc"]
            else:
                location = expansion
                if self.text[location["offset"] + location["tokLen"]] == "(":
                    return None
        return (location["offset"], location["offset"] + location["tokLen"]) if "offset" in location else None

    def span(self, node):
        begin, end = (self.place(node["range"][side]) if "range" in node else None for side in ("begin", "end"))
        return (begin[0], end[1]) if begin and end and begin[0] < end[1] else None

    def functions(self):
        for node in self.top:
            if "offset" in node.get("loc", {}) and "includedFrom" not in node["loc"] and "name" in node:
                yield node["name"], node


def type_of(node):
    return node.get("type", {}).get("desugaredQualType", node.get("type", {}).get("qualType"))


def children(node):
    return [child for child in node.get("inner", []) if child]  # {} is a part of `for` that is not there


def bare(file, node):
    """The condition without what a macro wraps around it."""
    while file.span(node) is None and node.get("inner") and node["kind"] in ("UnaryOperator", "ParenExpr", "ImplicitCastExpr"):
        node = node["inner"][0]
    return node


def operator_changes(file, node):
    left, right = (file.span(child) for child in children(node))
    if not left or not right or left[1] >= right[0]:
        return
    text, opcode = file.text, node["opcode"]
    gap = COMMENT.sub(lambda m: " " * len(m[0]), text[left[1]:right[0]])
    at = gap.find(opcode)
    if at >= 0:
        at += left[1]
        for other in SWAPS.get(opcode, "").split():
            yield at, at + len(opcode), other
    if opcode in ("&&", "||", "+", "-"):
        yield left[0], right[1], text[slice(*left)]
    if opcode in ("&&", "||"):
        yield left[0], right[1], text[slice(*right)]


def number_changes(file, node):
    span = file.span(node)
    text = file.text[slice(*span)] if span else ""
    if node["kind"] == "IntegerLiteral" and re.match(r"\d", text):
        for step in (1, -1):
            number = int(node["value"]) + step
            yield *span, f"{number}{'u' if number >= 0 and text.endswith('u') else ''}"
    elif node.get("referencedDecl", {}).get("kind") == "EnumConstantDecl" and text == node["referencedDecl"]["name"]:
        yield *span, f"({text} + 1)"
        yield *span, f"({text} - 1)"


def condition_changes(file, node):
    condition = bare(file, node["inner"][CONDITION[node["kind"]]])
    span = file.span(condition)
    if span:
        if condition.get("opcode") not in NEGATED:
            yield *span, f"!({file.text[slice(*span)]})"
        yield *span, "0"
        if node["kind"] in ("IfStmt", "ConditionalOperator"):
            yield *span, "1"


def unary_changes(file, node):
    span, inner = file.span(node), file.span(node["inner"][0])
    if span and inner and node["opcode"] in ("++", "--"):
        at = span[1] - 2 if node["isPostfix"] else span[0]
        yield at, at + 2, SWAPS[node["opcode"]]
    elif span and inner and node["opcode"] in ("!", "-", "~"):
        yield *span, file.text[slice(*inner)]


def argument_changes(file, node):
    arguments = children(node)[1:]
    for a, b in zip(arguments, arguments[1:]):
        x, y = file.span(a), file.span(b)
        if x and y and x[1] < y[0] and type_of(a) == type_of(b):
            yield x[0], y[1], file.text[slice(*y)] + file.text[x[1]:y[0]] + file.text[slice(*x)]


def return_changes(file, node, returns):
    span = file.span(node["inner"][0]) if node.get("inner") else None
    text = file.text[slice(*span)] if span else "0"
    if not text.isdigit():
        if returns == "bool":
            yield *span, f"!({text})"
        elif "*" not in returns:
            yield *span, f"({text}) + 1"
        if returns != "bool" and ("struct" not in returns or "*" in returns):
            yield *span, "0"


def statement_changes(file, node):
    for child in children(node):
        span = file.span(child)
        assigns = child["kind"] != "BinaryOperator" or child["opcode"] == "="
        if child["kind"] in STATEMENTS and span and assigns:
            yield *span, "(void)0"


def member_changes(file, node):
    place = file.place(node["range"]["end"])
    other = file.fields.get(node["referencedMemberDecl"], node["name"])
    if place and other != node["name"] and file.text[slice(*place)] == node["name"]:
        yield *place, other


def changes(file, node, returns):
    """Start, end and new text of each change in the node or below it."""
    kind = node["kind"]
    if kind in ("BinaryOperator", "CompoundAssignOperator"):
        yield from operator_changes(file, node)
    elif kind in ("IntegerLiteral", "DeclRefExpr"):
        yield from number_changes(file, node)
    elif kind == "UnaryOperator":
        yield from unary_changes(file, node)
    elif kind == "CallExpr":
        yield from argument_changes(file, node)
    elif kind == "ReturnStmt":
        yield from return_changes(file, node, returns)
    elif kind == "MemberExpr":
        yield from member_changes(file, node)
    if kind in CONDITION:
        yield from condition_changes(file, node)
    if kind in ("CompoundStmt", "CaseStmt", "DefaultStmt"):
        yield from statement_changes(file, node)
    for child in children(node):
        yield from changes(file, child, returns)


def plain(text):
    return re.sub(r"\s+", " ", COMMENT.sub("", text)).replace(" ;", ";").strip()


def mutants(path, flags):
    file, seen = File(path, flags), {}
    for name, top in file.functions():
        returns = type_of(top).split("(")[0].strip() if top["kind"] == "FunctionDecl" else ""
        for start, end, new in dict.fromkeys(changes(file, top, returns)):
            first, last = file.text.rfind("\n", 0, start) + 1, file.text.find("\n", end)
            text = file.text[:start] + new + file.text[end:]
            mutant = Mutant(path.stem, name, plain(file.text[first:last]),
                            plain(text[first:last + len(text) - len(file.text)]), text)
            seen[mutant.key] = seen.get(mutant.key, 0) + 1
            if seen[mutant.key] > 1:
                mutant = mutant._replace(new=f"{mutant.new} ({seen[mutant.key]})")
            yield mutant
