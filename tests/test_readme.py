"""The README's tables say what the code says."""

import re
from pathlib import Path

import pytest

from ollama_openai_proxy.config.settings import Settings, variable
from ollama_openai_proxy.spec import load_spec
from ollama_openai_proxy.telemetry.metrics import METRICS, PREFIX
from ollama_openai_proxy.translator.request.options import OPTIONS

_HEAD_FIRST = "HEAD".__ne__

README = Path(__file__).parents[1] / "README.md"


def settings_table() -> str:
    rows = ["| Variable | Default | Meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = "" if field.default is None else f"`{field.default}`"
        rows.append(f"| `{variable(name)}` | {default} | {field.description} |")
    return "\n".join(rows)


def operations_table() -> str:
    rows = ["| Operation | What it does |", "|---|---|"]
    for path, item in load_spec("ollama.yaml")["paths"].items():
        summary = item[list(item)[-1]]["summary"].rstrip(".")
        methods = ", ".join(sorted((method.upper() for method in item), key=_HEAD_FIRST))
        rows.append(f"| `{methods} {path}` | {summary} |")
    return "\n".join(rows)


def options_table() -> str:
    rows = ["| Option | Becomes | |", "|---|---|---|"]
    dropped = [option for option in OPTIONS if option.kind == "dropped"]
    for option in OPTIONS:
        if option not in dropped:
            field = f"`{option.field}`"
            if option.name == "num_predict":
                field += " or `max_completion_tokens`"
            rows.append(f"| `{option.name}` | {field} | {option.meaning} |")
    names = ", ".join(f"`{option.name}`" for option in dropped)
    rows.append(f"| {names} | nothing | {dropped[0].meaning} |")
    return "\n".join(rows)


def metrics_table() -> str:
    rows = ["| Metric | Labels | Meaning |", "|---|---|---|"]
    for metric in METRICS:
        labels = ", ".join(f"`{label}`" for label in metric.labels)
        rows.append(f"| `{PREFIX}{metric.name}` | {labels} | {metric.meaning} |")
    return "\n".join(rows)


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("settings", settings_table()),
        ("operations", operations_table()),
        ("options", options_table()),
        ("metrics", metrics_table()),
    ],
    ids=["settings", "operations", "options", "metrics"],
)
def test_a_table_of_the_readme_is_what_the_code_says(name: str, table: str) -> None:
    text = README.read_text("utf-8")
    match = re.search(rf"<!-- {name}: .*? -->\n(.*?)\n<!-- /{name} -->", text, re.DOTALL)
    assert match is not None
    assert match[1].strip() == table, f"the table should be:\n{table}"
