"""The description of the API as one plain page: no script, no style and no picture from anywhere else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import Environment

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
code { font-family: ui-monospace, monospace; }
h2 { border-top: 1px solid; padding-top: 1rem; font-size: 1.1rem; }
table { border-collapse: collapse; }
th, td { text-align: left; padding: .2rem 1rem .2rem 0; vertical-align: top; }
@media (prefers-color-scheme: dark) { body { background: #111; color: #eee; } }
</style>
<h1>{{ title }}</h1>
<p>Version {{ version }}. {{ description }}</p>
<p>The token stands in the file <code>token</code> of the node's home. Bring it with every request:
<code>Authorization: Bearer …</code>. The same description for programs: <code>/api/openapi.json</code>.</p>
{% for one in operations %}
<h2><code>{{ one.method }} {{ one.path }}</code></h2>
<p>{{ one.summary }}</p>
{% if one.parameters %}
<table>
<tr><th scope="col">Parameter</th><th scope="col">Needed</th><th scope="col">Meaning</th></tr>
{% for given in one.parameters %}
<tr><td><code>{{ given.name }}</code></td><td>{{ "yes" if given.required else "no" }}</td>
<td>{{ given.description }}</td></tr>
{% endfor %}
</table>
{% endif %}
{% if one.body %}<p>Body: JSON with {% for name in one.body %}<code>{{ name }}</code>{{ ", " if not loop.last }}{% endfor %}.</p>{% endif %}
{% endfor %}
</html>
"""  # noqa: E501


def reference_page(schema: Mapping[str, Any]) -> str:
    """The page of an OpenAPI description."""
    operations = [
        {
            "method": method.upper(),
            "path": path,
            "summary": operation.get("summary", ""),
            "parameters": operation.get("parameters", []),
            "body": _body(schema, operation),
        }
        for path, methods in sorted(schema.get("paths", {}).items())
        for method, operation in sorted(methods.items())
        if isinstance(operation, dict)
    ]
    page = Environment(autoescape=True, trim_blocks=True).from_string(_PAGE)
    info = schema.get("info", {})
    return page.render(
        title=info.get("title", ""),
        version=info.get("version", ""),
        description=info.get("description", ""),
        operations=operations,
    )


def _body(schema: Mapping[str, Any], operation: Mapping[str, Any]) -> list[str]:
    content = operation.get("requestBody", {}).get("content", {})
    form: dict[str, Any] = next((one.get("schema", {}) for one in content.values()), {})
    name = form.get("$ref", "").rpartition("/")[2]
    named = schema.get("components", {}).get("schemas", {}).get(name, form)
    return sorted(named.get("properties", {}))
