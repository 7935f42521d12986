"""Rules a reader may rely on and no linter knows: one test each, which says what to do instead.

Each rule is a function from a module to what breaks it, so that `test_every_rule_notices` can plant one.
"""

import ast
import csv
import re
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODELS = ROOT.parent / "shared" / "reference" / "models-2026-08-22.csv"

# The standard library's pure part: no clock, no chance, no environment, no file, no socket.
PURE = {
    "__future__",
    "abc",
    "base64",
    "binascii",
    "bisect",
    "collections",
    "collections.abc",
    "contextlib",
    "copy",
    "dataclasses",
    "datetime",
    "decimal",
    "difflib",
    "enum",
    "fnmatch",
    "functools",
    "hashlib",
    "heapq",
    "html",
    "itertools",
    "json",
    "math",
    "operator",
    "re",
    "string",
    "struct",
    "textwrap",
    "types",
    "typing",
    "unicodedata",
    "urllib.parse",
    "uuid",
    "zlib",
}
# What pure modules hold nevertheless, and the builtins that reach outside.
IMPURE_NAMES = {"now", "today", "utcnow", "uuid1", "uuid4", "getnode"}
IMPURE_CALLS = {"open", "print", "input", "breakpoint", "exec", "eval", "__import__"}

# Makers and models as Bedrock's ids spell them. Some words mean something else when alone, so the next one is
# asked for: amazon and openai (the vendors that we speak to), meta, google, writer, opus (an audio format).
MODEL_WORD = re.compile(
    r"""(?<![a-z])(?:
        anthropic | claude | sonnet | haiku | opus[-_.\ ]?\d
      | amazon\.(?:nova|titan|rerank) | nova | titan
      | llama | meta\.llama | mistral | mixtral | ministral | magistral | devstral | pixtral | voxtral
      | cohere | command[-_]r | deepseek | qwen | ai21 | jamba | google\.\w | gemma
      | moonshot | kimi | minimax | nvidia | nemotron | openai\.gpt | gpt[-_]?(?:oss|\d) | zai | glm
      | writer\.palmyra | palmyra | xai | grok | stability | luma\.ray | twelvelabs | pegasus | marengo
    )""",
    re.VERBOSE | re.IGNORECASE,
)

# Who may import what speaks to the world outside, under proxy/.
AWS = ("sdk/", "doctor/identity.py", "sigv4.py")
DOORS = {
    "aiobotocore": (*AWS, "local/"),
    "botocore": (*AWS, "local/"),
    "boto3": (),
    # media.py fetches remote images
    "aiohttp": ("bedrock.py", "connections.py", "doctor/network.py", "http1.py", "media.py", "local/"),
    "redis": ("continuity/redis.py",),
    "cryptography": ("continuity/sealing.py",),
    "httpx": (),
    "requests": (),
    "urllib.request": ("connections.py",),  # which knows the environment's proxies
    "http.client": (),
}

# What both sides of the wire need and neither's words stand in: how an ASGI server tells that a caller left.
NEUTRAL = "proxy.disconnect"

# Calls that end a test by themselves: pytest's, jsonschema's, the local Bedrock's validation.check.
RAISING = {"raises", "fail", "warns", "validate", "check"}

MAX_MODULE_LINES = 300
# One row for each thing that models do differently: it grows with what is known, not with what it does.
TABLES = {"translators/quirks.py"}
MAX_FUNCTION_LINES = 40
MAX_MEDIAN_FUNCTION_LINES = 12

type_of_function = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Module:
    """One file of ours: its path from the root, its text, its tree."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def inside(self) -> str:
        """The path without its package: `bedrock.py`, `local/app.py`."""
        return self.path.partition("/")[2]


def modules(*packages: str) -> list[Module]:
    paths = [path for package in packages for path in sorted((ROOT / package).rglob("*.py"))]
    return [Module(path.relative_to(ROOT).as_posix(), path.read_text()) for path in paths]


# The rules


def impure(module: Module) -> Iterator[str]:
    for line, name in imports(module):
        if not within(name, "translators") and not within(name, "orjson") and not is_pure(name):
            yield f"{module.path}:{line} imports {name}"
    for node in ast.walk(module.tree):
        match node:
            case ast.Attribute(attr=name) if name in IMPURE_NAMES:
                yield f"{module.path}:{node.lineno} uses .{name}"
            case ast.Call(func=ast.Name(id=name)) if name in IMPURE_CALLS:
                yield f"{module.path}:{node.lineno} calls {name}()"


def model_names(module: Module) -> Iterator[str]:
    """Literals and identifiers that name a maker or a model; comments and docstrings may."""
    docstrings = {id(node) for node in docstring_nodes(module.tree)}
    for node in ast.walk(module.tree):
        if id(node) not in docstrings:
            for word in filter(MODEL_WORD.search, words(node)):
                yield f"{module.path}:{getattr(node, 'lineno', 0)} says {word!r}"


def unusual_doors(module: Module) -> Iterator[str]:
    for line, name in imports(module):
        for library, doors in DOORS.items():
            if within(name, library) and not module.inside.startswith(doors):
                yield f"{module.path}:{line} imports {name}"


def crossings_of_local(module: Module) -> Iterator[str]:
    is_local = module.path.startswith("proxy/local/")
    for line, name in imports(module):
        ours = within(name, "proxy") and not within(name, "proxy.local") and not within(name, NEUTRAL)
        outward = is_local and ours
        inward = not is_local and within(name, "proxy.local") and module.path != "proxy/cli.py"
        if outward or inward:
            yield f"{module.path}:{line} imports {name}"


def undescribed(module: Module) -> Iterator[str]:
    is_marker = module.path.startswith("tests/") and not module.text.strip()  # an empty tests/**/__init__.py
    if not is_marker and not ast.get_docstring(module.tree):
        yield module.path


def nameless(module: Module) -> Iterator[str]:
    if re.search(r"/(?:utils?|helpers?|common|misc)(?:\.py$|/)", module.path):
        yield module.path


def long_modules(module: Module) -> Iterator[str]:
    if (lines := len(module.text.splitlines())) > MAX_MODULE_LINES and module.path not in TABLES:
        yield f"{module.path} has {lines} lines"


def long_functions(module: Module) -> Iterator[str]:
    for name, lines in functions(module):
        if lines > MAX_FUNCTION_LINES:
            yield f"{name} has {lines} lines"


def mocks(module: Module) -> Iterator[str]:
    for line, name in imports(module):
        if within(name, "unittest.mock") or within(name, "mock"):
            yield f"{module.path}:{line} imports {name}"


# What the rules look at


def imports(module: Module) -> Iterator[tuple[int, str]]:
    """Line and full name; `from a import b` is a.b, relative names resolved."""
    for node in ast.walk(module.tree):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, alias.name) for alias in names)
            case ast.ImportFrom(module=origin, names=names, level=level):
                package = module.path.split("/")[:-level] if level else []
                start = ".".join([*package, *([origin] if origin else [])])
                yield from ((node.lineno, f"{start}.{alias.name}") for alias in names)


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def is_pure(name: str) -> bool:
    """`urllib.parse.quote` by its module urllib.parse, `uuid.UUID` by uuid; uuid.uuid4 not at all."""
    return (name in PURE or name.rpartition(".")[0] in PURE) and name.rpartition(".")[2] not in IMPURE_NAMES


def words(node: ast.AST) -> list[str]:
    """The text of a literal, or the identifier, that this node brings in."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.Constant(value=bytes(data)):
            return [data.decode("latin-1")]
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
            return [name]
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.keyword(arg=str(name)):
            return [name]
        case ast.alias(name=name, asname=asname):
            return [name, asname or ""]
        case _:
            return []


def docstring_nodes(tree: ast.Module) -> Iterator[ast.AST]:
    """Every string that stands alone as a statement: docstrings, and the ones below a field."""
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant(value=str()) as text):
                yield text


def functions(module: Module) -> Iterator[tuple[str, int]]:
    """Name and lines from `def` to the end, docstring included: what one has to scroll past."""
    for node in ast.walk(module.tree):
        if isinstance(node, type_of_function):
            yield f"{module.path}:{node.lineno} {node.name}", (node.end_lineno or 0) - node.lineno + 1


def broken(rule: Callable[[Module], Iterator[str]], *packages: str) -> list[str]:
    return [offence for module in modules(*packages) for offence in rule(module)]


# The tests


def test_translators_are_pure() -> None:
    assert not broken(impure, "translators"), (
        "translators/ has no I/O, clock, chance or environment: let proxy/ do it and pass the value in. "
        "(A pure module that is missing in PURE above may be added there.)"
    )


def test_models_are_named_only_in_quirks_and_in_data() -> None:
    offences = broken(model_names, "translators", "proxy")
    assert not [offence for offence in offences if not offence.startswith("translators/quirks.py")], (
        "What one model does differently is a row in translators/quirks.py with its evidence, or JSON data "
        "beside the code: ask the row, not the name."
    )


def test_only_the_doors_to_the_outside_import_aws_and_http_clients() -> None:
    assert not broken(unusual_doors, "proxy"), (
        "Only the modules that DOORS names know AWS and HTTP: add a function there."
    )


def test_the_local_bedrock_and_the_proxy_do_not_know_each_other() -> None:
    assert not broken(crossings_of_local, "proxy"), (
        "proxy/local is on the other side of the wire: it shares translators/ and NEUTRAL with us and nothing "
        "else, and only proxy/cli.py starts it. Reach it over its socket."
    )


def test_every_module_says_what_is_in_it() -> None:
    assert not broken(undescribed, "translators", "proxy", "tests"), (
        "A module opens with one sentence: what is here and the law it keeps."
    )


def test_every_module_is_named_for_its_subject() -> None:
    assert not broken(nameless, "translators", "proxy", "tests"), (
        "utils, helpers and common say nothing: name the module for what its functions are about."
    )


def test_no_module_is_longer_than_a_reader_will_read() -> None:
    assert not broken(long_modules, "translators", "proxy"), "A second subject is a second file."


def test_no_function_needs_scrolling() -> None:
    assert not broken(long_functions, "translators", "proxy"), (
        "One job, one screen: give the part that has a name its own function."
    )


def test_the_median_function_is_short() -> None:
    lengths = [lines for module in modules("translators", "proxy") for _, lines in functions(module)]
    assert statistics.median(lengths) <= MAX_MEDIAN_FUNCTION_LINES


def test_no_test_replaces_a_module_of_ours_by_a_mock() -> None:
    assert not broken(mocks, "tests"), "Pass a fake clock, or talk to the local Bedrock's socket."


def test_every_test_can_fail() -> None:
    tests = modules("tests")
    judges = judging_functions(tests)
    silent = [
        f"{module.path}:{node.lineno} {node.name}"
        for module in tests
        for node in ast.walk(module.tree)
        if isinstance(node, type_of_function) and node.name.startswith("test_") and not judging(node, judges)
    ]
    assert not silent, "A test needs an assert, pytest.raises, or a call of a function that has one."


def judging_functions(tests: list[Module]) -> set[str]:
    """Names of functions under tests/ that assert, or call one that does."""
    found = [node for module in tests for node in ast.walk(module.tree) if isinstance(node, type_of_function)]
    judges: set[str] = set()
    while more := {node.name for node in found if judging(node, judges)} - judges:
        judges |= more
    return judges


def judging(function: ast.AST, judges: set[str]) -> bool:
    for node in ast.walk(function):
        match node:
            case ast.Assert():
                return True
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
                if name in judges | RAISING:
                    return True
    return False


OFFENCES: list[tuple[Callable[[Module], Iterator[str]], str, str]] = [
    (impure, "translators/chat/x.py", "import os"),
    (impure, "translators/chat/x.py", "from time import time"),
    (impure, "translators/chat/x.py", "from uuid import uuid4"),
    (impure, "translators/chat/x.py", "import urllib.request"),
    (impure, "translators/chat/x.py", "from proxy import settings"),
    (impure, "translators/chat/x.py", "from datetime import datetime\ndatetime.now()"),
    (impure, "translators/chat/x.py", "open('x')"),
    (model_names, "proxy/x.py", "if 'claude' in model: pass"),
    (model_names, "proxy/x.py", "model = f'us.amazon.nova-{size}'"),
    (model_names, "proxy/x.py", "def is_llama3(): pass"),
    (model_names, "proxy/x.py", "request(anthropic_beta=[])"),
    (unusual_doors, "proxy/routes.py", "import aiobotocore.session"),
    (unusual_doors, "proxy/catalogue.py", "from botocore.exceptions import ClientError"),
    (unusual_doors, "proxy/app.py", "import aiohttp"),
    (unusual_doors, "proxy/local/app.py", "import httpx"),
    (crossings_of_local, "proxy/local/app.py", "from proxy.settings import Settings"),
    (crossings_of_local, "proxy/local/app.py", "from .. import sse"),
    (crossings_of_local, "proxy/disconnect.py", "from proxy.local import wire"),
    (crossings_of_local, "proxy/app.py", "from .local import catalogue"),
    (undescribed, "proxy/x.py", "x = 1"),
    (nameless, "proxy/utils.py", ""),
    (nameless, "translators/common/x.py", ""),
    (long_modules, "proxy/x.py", "\n" * 401),
    (long_functions, "proxy/x.py", "def f():\n" + "    pass\n" * 40),
    (mocks, "tests/x.py", "from unittest.mock import patch"),
]
ALLOWED: list[tuple[Callable[[Module], Iterator[str]], str, str]] = [
    (impure, "translators/chat/x.py", "from uuid import UUID\nimport orjson\nfrom ..models import listing"),
    (impure, "translators/chat/x.py", "from urllib.parse import quote\nfrom collections.abc import Mapping"),
    (model_names, "proxy/x.py", '"""Claude says."""\n# nova'),
    (model_names, "proxy/x.py", 'audio = ["opus"]\ninnovation = "application/vnd.amazon.eventstream"'),
    (unusual_doors, "proxy/bedrock.py", "import aiohttp"),
    (unusual_doors, "proxy/sdk/chain.py", "import aiobotocore.session, botocore.session"),
    (crossings_of_local, "proxy/cli.py", "from .local.serving import serving"),
    (
        crossings_of_local,
        "proxy/local/app.py",
        "from translators import errors\nfrom . import catalogue\nfrom proxy.disconnect import while_connected",
    ),
    (long_functions, "proxy/x.py", "def f():\n" + "    pass\n" * 39),
]


@pytest.mark.parametrize(("rule", "path", "text"), OFFENCES)
def test_every_rule_notices(rule: Callable[[Module], Iterator[str]], path: str, text: str) -> None:
    assert list(rule(Module(path, text)))


@pytest.mark.parametrize(("rule", "path", "text"), ALLOWED)
def test_every_rule_lets_pass_what_is_right(
    rule: Callable[[Module], Iterator[str]], path: str, text: str
) -> None:
    assert not list(rule(Module(path, text)))


@pytest.mark.skipif(not MODELS.exists(), reason="needs the reference data beside the checkout")
def test_every_model_of_bedrock_is_recognised_by_name() -> None:
    with MODELS.open() as file:
        ids = [row["model_id"] for row in csv.DictReader(file)]
    assert [model_id for model_id in ids if not MODEL_WORD.search(model_id)] == []
