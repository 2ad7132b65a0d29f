"""Values that a JSON Schema allows, and what the providers say of schemas."""

FORMATS = {
    "date": "2026-01-01", "time": "12:00:00Z", "date-time": "2026-01-01T12:00:00Z", "email": "a@example.org",
    "uuid": "00000000-0000-4000-8000-000000000000", "uri": "https://example.org/", "ipv4": "192.0.2.1",
}  # fmt: skip


def instance(schema, root=None, depth=0):
    """One value that `schema` allows: of several choices the first, of lists the shortest that is not empty."""
    root = schema if root is None else root
    if not isinstance(schema, dict) or depth > 16:
        return None
    if "$ref" in schema:
        return instance(_resolved(schema["$ref"], root), root, depth + 1)
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    for name in ("anyOf", "oneOf"):
        if schema.get(name):
            return instance(schema[name][0], root, depth + 1)
    if schema.get("allOf"):
        parts = [instance(part, root, depth + 1) for part in schema["allOf"]]
        return {key: value for part in parts if isinstance(part, dict) for key, value in part.items()} or parts[0]
    return _typed(schema, root, depth)


def _typed(schema, root, depth):
    kind = schema.get("type", "object" if "properties" in schema else "string")
    kind = (kind[0] if isinstance(kind, list) else kind).lower()
    if kind == "object":
        return {key: instance(part, root, depth + 1) for key, part in schema.get("properties", {}).items()}
    if kind == "array":
        count = max(1, schema.get("minItems", 1))
        return [instance(schema.get("items", {}), root, depth + 1)] * count
    if kind in ("integer", "number"):
        least = schema.get("minimum", schema.get("exclusiveMinimum", 0) + (1 if "exclusiveMinimum" in schema else 0))
        return int(least) if kind == "integer" else float(least)
    if kind == "string":
        return FORMATS.get(schema.get("format")) or "a" * max(1, schema.get("minLength", 1))
    return {"boolean": True, "null": None}.get(kind)


def _resolved(reference, root):
    value = root
    for name in reference.removeprefix("#").strip("/").split("/"):
        if name:
            value = value.get(name.replace("~1", "/").replace("~0", "~"), {}) if isinstance(value, dict) else {}
    return value


def objects(schema, place=()):
    """All schemas of objects within a schema, with where they stand."""
    if isinstance(schema, list):
        for number, part in enumerate(schema):
            yield from objects(part, (*place, str(number)))
    if not isinstance(schema, dict):
        return
    if schema.get("type") == "object" or "properties" in schema:
        yield schema, place
    for name in ("items", "anyOf", "oneOf", "allOf"):
        if name in schema:
            yield from objects(schema[name], (*place, name))
    for name in ("properties", "$defs", "definitions"):
        for key, part in (schema.get(name) or {}).items():
            yield from objects(part, (*place, name, key))


# What Anthropic's grammar cannot hold ("Structured outputs", JSON Schema limitations).
UNENFORCED = {
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "maxItems",
    "uniqueItems", "minProperties", "maxProperties", "patternProperties", "oneOf", "not",
}  # fmt: skip


def schemas(schema):
    """A schema, and all schemas within it."""
    if isinstance(schema, list):
        for part in schema:
            yield from schemas(part)
    if not isinstance(schema, dict):
        return
    yield schema
    for name in ("items", "anyOf", "oneOf", "allOf"):
        yield from schemas(schema.get(name))
    for name in ("properties", "$defs", "definitions"):
        yield from schemas(list((schema.get(name) or {}).values()))
