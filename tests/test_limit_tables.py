"""The tables of published limits: catalogues and curves belong together and are well formed."""

import hashlib
import math
import re
import tomllib
from importlib.resources import files
from typing import Any

import pytest

LIMITS = files("darkdump") / "data" / "limits"
CATALOGUES: dict[str, dict[str, Any]] = {
    path.name: tomllib.loads(path.read_text(encoding="utf-8"))
    for path in sorted(LIMITS.iterdir(), key=lambda path: path.name)
    if path.name.endswith(".toml")
}
ENTRIES = [(cat, limit) for cat in CATALOGUES.values() for limit in cat["limit"]]
TOP = ("plane", "mass", "coupling", "unit", "convention")
REQUIRED: dict[str, type] = {
    **dict.fromkeys(("name", "label", "file", "paper", "arxiv", "kind", "shape", "attribution"), str),
    **dict.fromkeys(("digitised_from", "sha256"), str),
    **dict.fromkeys(("confidence_level_sure", "draw"), bool),
    "year": int,
    "confidence_level": float,
}
OPTIONAL = ("doi", "conversion", "notes")
each_catalogue = pytest.mark.parametrize("file", CATALOGUES)
each_limit = pytest.mark.parametrize(("cat", "limit"), ENTRIES, ids=[f"{c['plane']}/{e['name']}" for c, e in ENTRIES])


def test_there_are_catalogues() -> None:
    assert "alp-photon.toml" in CATALOGUES


@each_catalogue
def test_catalogue(file: str) -> None:
    cat = CATALOGUES[file]
    assert set(cat) == {*TOP, "limit"}
    assert all(isinstance(cat[key], str) and cat[key] for key in TOP)
    assert file == f"{cat['plane']}.toml"
    assert cat["mass"] == "GeV"
    names = [limit["name"] for limit in cat["limit"]]
    assert 0 < len(set(names)) == len(names)


def test_every_csv_is_in_a_catalogue() -> None:
    folders = [path for path in LIMITS.iterdir() if path.is_dir()]
    on_disk = [f"{folder.name}/{path.name}" for folder in folders for path in folder.iterdir()]
    assert sorted(on_disk) == sorted(limit["file"] for _, limit in ENTRIES)


@each_limit
def test_keys(cat: dict[str, Any], limit: dict[str, Any]) -> None:
    assert set(REQUIRED) <= set(limit) <= {*REQUIRED, *OPTIONAL}
    assert all(type(limit[key]) is kind for key, kind in REQUIRED.items())
    assert all(isinstance(limit[key], str) and limit[key] for key in OPTIONAL if key in limit)
    assert all(limit[key] for key, kind in REQUIRED.items() if kind is str and key != "arxiv")
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", limit["name"])
    assert limit["file"] == f"{cat['plane']}/{limit['name']}.csv"
    assert 1950 < limit["year"] < 2100
    assert limit["confidence_level"] in (0.0, 0.90, 0.95)
    assert limit["kind"] in ("experiment", "recast", "projection", "astrophysics", "cosmology")
    assert limit["shape"] in ("upper_limit", "lower_limit", "open_contour", "closed_contour")
    assert not (limit["draw"] and limit["kind"] == "projection")


@each_limit
def test_curve(cat: dict[str, Any], limit: dict[str, Any]) -> None:
    data = LIMITS.joinpath(limit["file"]).read_bytes()
    assert hashlib.sha256(data).hexdigest() == limit["sha256"]
    lines = data.decode("utf-8").splitlines()
    comments = [line for line in lines if line.startswith("#")]
    assert lines[: len(comments)] == comments[:2]
    header, *rows = lines[len(comments) :]
    assert header == f"mass [{cat['mass']}],{cat['coupling']} [{cat['unit']}]"
    points = [tuple(map(float, row.split(","))) for row in rows]
    assert len(points) >= 2
    assert all(len(p) == 2 and all(math.isfinite(x) and x > 0 for x in p) for p in points)
