"""A typed formula read into an expression tree, by recursive descent. Nothing outside the grammar below can come out.

sum      product (("+" | "-") product)*
product  signed (("*" | "/") signed | power)*        a power right after is a factor: 2x, 3(x + 1), x y
signed   ("-" | "+") signed | power
power    atom ["^" raised]                           binds to the right, and tighter than a sign: -x^2 is -(x^2)
raised   ("-" | "+") raised | power
atom     number | x | y | pi | e | function "(" sum ")" | "(" sum ")"
"""

from __future__ import annotations

from engines.formula.tokens import Token, tokens
from engines.formula.tree import CONSTANTS, FUNCTIONS, VARIABLES, Call, Name, Negative, Node, Number, Operation, constant
from engines.formula.words import EXAMPLE, FormulaError, unknown_sign

MAX_CHARACTERS = 300
MAX_DEPTH = 30
MAX_NODES = 150


def tree_of(text: str) -> Node:
    """The tree of what was typed. Raises FormulaError with a sentence and the place; nothing else, whatever the text."""
    if len(text) > MAX_CHARACTERS:
        message = f"This formula has {len(text):,} characters; at most {MAX_CHARACTERS} can be read."
        raise FormulaError(message, MAX_CHARACTERS, text)
    if not text.strip():
        raise FormulaError(f"Type a formula of x and y, {EXAMPLE}.", 0, text)
    if "=" in text:
        raise FormulaError(unknown_sign("="), text.index("="), text)
    try:
        reader = _Reader(text)
        node = reader.sum()
        reader.finish()
        constant(node)
        return node
    except FormulaError as error:
        raise FormulaError(error.message, error.place, text) from None


class _Reader:
    """Walks over the tokens of one text; each method reads the rule of the grammar it is named after."""

    def __init__(self, text: str) -> None:
        self._tokens = list(tokens(text))
        self._next = 0
        self._depth = 0
        self._nodes = 0

    @property
    def _token(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        self._next += 1
        return self._tokens[self._next - 1]

    def _made(self, node: Node) -> Node:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise FormulaError(f"This formula has too many parts; at most {MAX_NODES} can be raced on.", node.place)
        return node

    def _deeper(self, step: int, token: Token) -> None:
        self._depth += step
        if self._depth > MAX_DEPTH:
            raise FormulaError(f"This is nested too deeply; at most {MAX_DEPTH} levels can be read.", token.place)

    def finish(self) -> None:
        """Raises FormulaError unless everything has been read."""
        token = self._token
        if token.text == ")":
            raise FormulaError("This closing bracket has no opening one.", token.place)
        if token.kind == "number":
            raise FormulaError("Something is missing between these two: write * to multiply or ^ for a power.", token.place)

    def sum(self) -> Node:
        node = self._product()
        while self._token.text in ("+", "-"):
            sign = self._take()
            node = self._made(Operation(sign.text, node, self._product(), sign.place))
        return node

    def _product(self) -> Node:
        node = self._signed()
        while True:
            token = self._token
            if token.text in ("*", "/"):
                self._take()
                node = self._made(Operation(token.text, node, self._signed(), token.place))
            elif token.kind == "name" or token.text == "(":
                node = self._made(Operation("*", node, self._power(), token.place))
            else:
                return node

    def _signed(self) -> Node:
        if self._token.text not in ("+", "-"):
            return self._power()
        sign = self._take()
        self._deeper(1, sign)
        node = self._signed()
        self._deeper(-1, sign)
        return node if sign.text == "+" else self._made(Negative(node, sign.place))

    def _power(self) -> Node:
        node = self._atom()
        if self._token.text != "^":
            return node
        sign = self._take()
        self._deeper(1, sign)
        node = self._made(Operation("^", node, self._signed(), sign.place))
        self._deeper(-1, sign)
        return node

    def _atom(self) -> Node:
        token = self._token
        if token.kind == "number":
            self._take()
            return self._made(Number(float(token.text), token.place))
        if token.text in VARIABLES or token.text in CONSTANTS:
            self._take()
            return self._made(Name(token.text, token.place))
        if token.text in FUNCTIONS:
            self._take()
            return self._made(Call(token.text, self._argument(token), token.place))
        if token.text == "(":
            return self._brackets()
        raise FormulaError(self._missing(token), token.place)

    def _argument(self, function: Token) -> Node:
        if self._token.text == "(":
            return self._brackets()
        name = function.text
        hint = f"write {name}(x)^2 for its square" if self._token.text == "^" else f"write {name}(x)"
        raise FormulaError(f"{name} needs brackets around what it is taken of: {hint}.", function.place)

    def _brackets(self) -> Node:
        opening = self._take()
        if self._token.text == ")":
            raise FormulaError("There is nothing between these brackets.", opening.place)
        self._deeper(1, opening)
        node = self.sum()
        self._deeper(-1, opening)
        if self._token.kind == "end":
            raise FormulaError("This bracket is never closed.", opening.place)
        if self._token.text != ")":
            self.finish()
        self._take()
        return node

    def _missing(self, token: Token) -> str:
        if token.kind == "end":
            return "The formula stops too early: a number, x, y or a bracket is missing at the end."
        return f"A number, x, y or a bracket is missing before this “{token.text}”."
