# SPDX-License-Identifier: GPL-2.0-or-later
"""The documents say what the code does: every key, word, field and message is in them. Needs no cluster."""
import json
import os
import re
import shlex
import shutil
import subprocess

import pytest

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
MAN_PAGES = ["doc/raypss.1", "doc/ray_pss.8"]
EXAMPLE = "contrib/plugstack.conf.d/ray_pss.conf"


def source(path):
    """A man page is made from a .in file, in which only the configured paths are missing."""
    path = os.path.join(TOP, path)
    return path + ".in" if os.path.exists(path + ".in") else path


def text(path):
    with open(source(path), encoding="utf-8") as file:
        return file.read()


def plain(path, section=None):
    """A document, or a section of a man page, as a reader has it: no fonts or escapes, one space between words."""
    content = text(path)
    if section:
        content = re.search(rf'\n\.SH "?{section}"?\n(.*?)(?:\n\.SH |$)', content, re.S)[1]
    if path in MAN_PAGES:
        content = content.replace(r"\-", "-").replace(r"\(dq", '"').replace(r"\c", "")
        content = re.sub(r"\\f[BIPR]", "", content)
        # Of alternating fonts the words stand without spaces in between: .BI key= VALUE
        content = re.sub(r"^\.(?:BI|BR|IB|IR|RB|RI) (.*)$", lambda m: "".join(shlex.split(m[1])), content, flags=re.M)
        content = re.sub(r"^\.[A-Z]+ ?", "", content, flags=re.M)
    return re.sub(r"\s+", " ", content)


def table(path, name):
    """The first texts of a C table of words: { "name", allowed, set, "usage" }."""
    body = re.search(rf"struct word {name}\[\] = {{(.*?)\n}};", text(path), re.S)[1]
    words = re.findall(r'{\s*"(\w+)"', body)
    assert words, f"no words in {path}"
    return words


KEYS = table("plugin/common/plugstack.c", "keys")
WORDS = table("plugin/common/step_options.c", "words")


def choices(path, function):
    """The texts that a setter of the table chooses from."""
    if function == "set_publish":
        return re.findall(r'\[PUBLISH_\w+\] = "(\w+)"', text("lib/results/publish_field.c"))
    body = re.search(rf"static int {function}\(.*?names\[\] = {{(.*?)NULL", text(path), re.S)[1]
    return re.findall(r'"([\w-]+)"', body)


@pytest.mark.parametrize("document", ["README", "doc/ray_pss.8", EXAMPLE])
@pytest.mark.parametrize("key", KEYS)
def test_key_is_described(document, key):
    assert re.search(rf"(?<!\w){key}=", plain(document)), f"{key}= is not in {document}"


@pytest.mark.parametrize("document", ["README", "doc/ray_pss.8"])
@pytest.mark.parametrize("word", WORDS)
def test_option_word_is_described(document, word):
    section = plain(document).split("OPTIONS OF USERS")[1] if document == "README" else plain(document, "OPTION")
    assert re.search(rf"(?<![\w-]){word}(?![\w-])", section), f"{word} is not in {document}"


@pytest.mark.parametrize("document", ["README", "doc/ray_pss.8", EXAMPLE])
@pytest.mark.parametrize("key", ["mode", "maxrss", "publish"])
def test_choices_of_a_key_are_described(document, key):
    content = plain(document)
    for choice in choices("plugin/common/plugstack.c", f"set_{key}"):
        assert re.search(rf"(?<![\w-]){choice}(?![\w-])", content), f"{key}={choice} is not in {document}"


def test_example_has_each_key_once_and_no_other():
    lines = [line for line in text(EXAMPLE).splitlines() if line and not line.startswith("#")]
    assert len(lines) == 1
    kind, plugin, *arguments = lines[0].split()
    assert (kind, plugin) == ("optional", "ray_pss.so")
    assert sorted(argument.split("=")[0] for argument in arguments) == sorted(KEYS)


def test_example_and_readme_have_the_defaults():
    """Those that are written as text in the code; durations and the budget are numbers there."""
    defaults = re.search(r"void site_defaults\(.*?{(.*?)\n}", text("plugin/common/plugstack.c"), re.S)[1]
    for key, value, in_code in [("mode", "opt-in", "MODE_OPT_IN"), ("maxrss", "auto", "MAXRSS_AUTO"),
                                ("publish", "admin_comment", "PUBLISH_ADMIN_COMMENT"), ("summary", "on", "SUMMARY_ON"),
                                ("deadline", "300ms", "300 * NS_PER_MS")]:
        assert in_code in defaults
        assert f"{key}={value}" in plain(EXAMPLE)
        assert re.search(rf"{key}= +{value}", text("README"))
    header = text("lib/measure/accountant.h")
    for key, value, in_code in [("interval", "1s", "INTERVAL_DEFAULT_NS (1000 * NS_PER_MS)"),
                                ("min_interval", "50ms", "MIN_INTERVAL_DEFAULT_NS (50 * NS_PER_MS)"),
                                ("budget", "1%", "BUDGET_DEFAULT 0.01")]:
        assert in_code in header
        assert f" {key}={value}" in plain(EXAMPLE)
        assert re.search(rf" {key}= +{value}", text("README"))


def properties(schema):
    """All property names in a schema, however deep."""
    if isinstance(schema, dict):
        for name, value in schema.items():
            if name == "properties":
                yield from value
            yield from properties(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from properties(value)


SCHEMA = json.loads(text("doc/record.schema.json"))


def field_rows():
    """The table of the record's fields: name -> unit."""
    rows = re.findall(r'^\t{ "([\w.]+)", FIELD_(\w+),', text("lib/results/record_table.c"), re.M)
    assert len(rows) > 40
    return dict(rows)


FIELDS = field_rows()


def resolved(schema):
    """A part of the schema without references."""
    if "$ref" not in schema:
        return schema
    return {**SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[1]], **{k: v for k, v in schema.items() if k != "$ref"}}


def schema_fields():
    """name -> schema of each field that has a row: of an object that is spread over rows its members."""
    spread = {name.split(".")[0] for name in FIELDS if "." in name}
    for name, schema in SCHEMA["properties"].items():
        if name in spread:
            for inner, inner_schema in resolved(schema)["properties"].items():
                yield f"{name}.{inner}", resolved(inner_schema)
        else:
            yield name, resolved(schema)


def test_the_table_and_the_schema_have_the_same_fields():
    assert dict(schema_fields()).keys() == FIELDS.keys()


# What the schema says of a unit: its JSON type, and a word of the description.
UNITS = {"BYTES": ("integer", "bytes"), "COUNT": ("integer", None), "EPOCH_S": ("integer", "seconds since"),
         "EPOCH_MS": ("number", "seconds since"), "NS": ("number", "econds|when"), "CPU_NS": ("number", "seconds"),
         "HUNDREDTHS": ("number", None), "FLAG": ("boolean", None), "SIGNAL": ("string", None)}


@pytest.mark.parametrize("name, schema", list(schema_fields()), ids=lambda value: value if isinstance(value, str) else "")
def test_the_schema_has_the_unit_of_the_table(name, schema):
    unit = FIELDS[name]
    if unit in ("OTHER", "WORD", "WORD_OR_FALSE") or "const" in schema:
        return
    kind, word = UNITS[unit]
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    assert kind in kinds, (name, schema)
    assert not word or re.search(word, schema["description"], re.I) or name.startswith("peak.") or name in PLAIN, (name, schema)


# Their description tells the unit by what they refer to.
PLAIN = {"avg", "p50", "p95", "end.at"}


@pytest.mark.parametrize("name", sorted(set(properties(SCHEMA))))
def test_field_of_the_record_is_described_and_written(name):
    section = plain("doc/raypss.1", "RECORD")
    assert re.search(rf"(?<!\w){name}(?!\w)", section), f"{name} is not in raypss.1"
    written = {part for row in FIELDS for part in row.split(".")}
    printers = "".join(text(f"lib/results/{part}.c") for part in ("record_lists", "record_ray", "host"))
    assert name in written or f'"{name}"' in printers, f"{name} is not in the code"


def test_verdicts_are_described():
    names = re.findall(r'\[VERDICT_\w+\] = "([\w-]+)"', text("lib/account/verdict.c"))
    assert sorted(names) == sorted(SCHEMA["$defs"]["oom"]["properties"]["verdict"]["enum"])
    for name in names:
        assert f" {name} " in plain("doc/raypss.1", "OOM VERDICT"), name


def test_live_figures_are_described():
    keys = re.findall(r'line\(buf, \w+, "(\w+)"', text("lib/results/live_text.c"))
    keys += re.findall(r'\.live = "(\w+)"', text("lib/results/record_table.c"))
    assert keys
    section = plain("doc/ray_pss.8", "LIVE FIGURES")
    for key in keys:
        assert re.search(rf"(?<!\w){key}(?!\w)", section), key


@pytest.mark.parametrize("command", re.findall(r'{ "(\w+)", cmd_', text("tools/raypss.c")))
def test_command_and_its_options_are_described(command):
    code = text(f"tools/cmd_{command}.c")
    if '"tools/job_options.h"' in code:
        code += text("tools/job_options.c")
    options = re.findall(r'{ "(\w+)", (?:required|no)_argument', code)
    assert options
    description = plain("doc/raypss.1", "DESCRIPTION").split(f"raypss {command} ", 1)[1]
    for option in options:
        assert option == "help" or f"--{option}" in description, option


def test_grammar_of_the_field_is_described():
    writers = re.findall(r"^static json_t \*ours_json\(.*?^}", text("lib/results/job_field.c"), re.S | re.M)
    writers += re.findall(r"^json_t \*job_(?:steps|totals)_json\(.*?^}", text("lib/results/job_step.c"), re.S | re.M)
    written = {word for writer in writers for word in re.findall(r'"(\w+)"', writer)}
    assert {"v", "restart", "steps", "peak", "reported", "oom", "totals"} <= written
    for key in written:
        assert re.search(rf"(?<![\w-]){key}(?![\w-])", plain("doc/ray_pss.8", "RESULTS")), key


def test_environment_is_described():
    code = "".join(map(text, ["plugin/common/step_options.h", "plugin/common/enclosing_step.h",
                              "plugin/spank/step_environment.c", "tools/cmd_run.c"]))
    names = set(re.findall(r'"((?:RAYPSS|SLURM_RAY)_[A-Z_]+)"', code))
    assert len(names) >= 5
    for name in names:
        assert name in plain("doc/ray_pss.8", "ENVIRONMENT") + plain("doc/raypss.1", "ENVIRONMENT"), name
    for name in ["SLURM_RAY_PSS_ACCOUNTING", "RAYPSS_STATE", "RAYPSS_MEMORY_LIMIT"]:
        assert name in text("README"), name


@pytest.mark.parametrize("page", MAN_PAGES)
@pytest.mark.parametrize("command", [["groff", "-man", "-z", "-ww"], ["man", "-l", "--warnings"], ["mandoc", "-T", "lint"]],
                         ids=lambda command: command[0])
def test_man_page_is_clean(page, command):
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is missing")
    run = subprocess.run([*command, source(page)], capture_output=True, text=True, check=False,
                         env={**os.environ, "LC_ALL": "C.UTF-8", "MANPAGER": "cat", "PAGER": "cat"})
    complaints = run.stderr + (run.stdout if command[0] == "mandoc" else "")
    assert run.returncode == 0 and not complaints.strip(), complaints


def test_files_named_in_the_documents_exist():
    """Of this repository's folders; what others make (an installed path) begins with a slash."""
    pattern = r"(?<![\w/.])((?:contrib|doc|lib|plugin|tests|tools)/[\w./-]*\w)"
    fuzzers = [f"tests/fuzz/{name}" for name in os.listdir(os.path.join(TOP, "tests/fuzz")) if name.endswith(".c")]
    for document in ["README", "HACKING", *MAN_PAGES, *fuzzers]:
        for path in re.findall(pattern, text(document).replace("\\-", "-")):
            assert os.path.exists(source(path)), f"{document} names {path}"


def test_files_named_in_hacking_exist():
    """Also those that are named as in an include, without the folders above them."""
    tree = [os.path.join(folder, name) for room in ("contrib", "doc", "lib", "plugin", "tests", "tools")
            for folder, _, names in os.walk(os.path.join(TOP, room)) for name in names]
    named = re.findall(r"[\w./-]+\.(?:c|h|py|in)\b", text("HACKING"))
    assert len(named) > 20
    for name in named:
        assert any(path.endswith("/" + name) for path in tree), f"HACKING names {name}"


def test_paths_in_man_pages_are_filled_in():
    known = set(re.findall(r"\[@\](\w+)\[@\]", text("doc/local.mk")))
    assert known
    for page in MAN_PAGES:
        assert set(re.findall(r"@(\w+)@", text(page))) <= known, page
        assert not re.search(r"LOCALSTATEDIR|LIBEXECDIR|PLUGINDIR", text(page)), page


def texts_of_the_code():
    """All C string literals, with adjacent ones joined. Names of the option's macros are filled in."""
    code = ""
    for room in ("lib", "plugin", "tools"):
        for folder, _, names in os.walk(os.path.join(TOP, room)):
            code += "".join(text(os.path.join(folder, name)) for name in sorted(names) if name.endswith((".c", ".h")))
    for macro, value in re.findall(r'#define (OPTION_\w+) ("[^"]+")', code):
        code = re.sub(rf"\b{macro}\b", value, code)
    code = re.sub(r'"\s*\n?\s*"', "", code)
    return [literal.replace('\\"', '"') for literal in re.findall(r'"((?:\\.|[^"\\\n])*)"', code)]


CODE = "\n".join(texts_of_the_code())


def fragments(message):
    """The fixed parts of a message; "..." and the names of values stand for something else."""
    parts = re.split(r'\.\.\.|"|\b(?:DIR|N|PATH|REASON|WHAT)\b', message)
    return [part.strip(" :;,%=") for part in parts if len(part.strip(" :;,%=")) > 2]


def messages():
    """What MESSAGES of ray_pss(8) quotes: the tags of its list, and texts in quotation marks."""
    section = re.search(r"\n\.SH MESSAGES\n(.*?)\n\.SH ", text("doc/ray_pss.8"), re.S)[1]
    section = section.replace("\\-", "-").replace("\\(dq", '"')
    tags = re.findall(r"^\.T[PQ]\n\.I (.*)$", section, re.M)
    prose = re.sub(r"^\..*$", "\n", section, flags=re.M)
    quoted = [" ".join(quote.split()) for quote in re.findall(r'"([^"]+)"', prose)]
    return tags + quoted


def test_messages_are_found():
    assert len(messages()) > 30


# The C library's own.
OF_THE_SYSTEM = ["No space left on device"]


@pytest.mark.parametrize("message", [message for message in messages() if message not in OF_THE_SYSTEM])
def test_quoted_message_is_in_the_code(message):
    """A reader looks for the words of the log in the man page, so they must be the code's words."""
    assert fragments(message) or message == "DIR: ..."
    for part in fragments(message):
        assert part in CODE, f'no code says "{part}"'


def test_rows_of_the_summary_are_in_the_code():
    example = plain("doc/raypss.1", "EXAMPLES")
    rows = re.findall(r"^        (\D+?) {2,}[\d.]+ ?\w*$", text("doc/raypss.1"), re.M)
    assert len(rows) == 9
    for row in rows:
        assert row.strip() in example and f"{row.strip()}" in CODE, row
