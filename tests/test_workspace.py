"""Workspaces for pyhf: valid, read by its command line, and with the same CLs as ours."""

import json
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from darkdump.errors import DarkdumpError
from darkdump.statistics.channels import Channel, counting_channel
from darkdump.statistics.likelihood import asymptotic_cls, asymptotic_limit, fit
from darkdump.statistics.workspace import workspace

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pyhf

pytestmark = pytest.mark.filterwarnings("ignore:jsonschema.RefResolver:DeprecationWarning")

CASES = {
    "one without errors": [Channel("one", 3, 1.65, 2.89)],
    "K+ -> pi+ nu nubar, 2016 and 2017": [
        counting_channel("2016", 1, 0.152, 0.09, 1 / 3.15, 2.4 / 31.5),
        counting_channel("2017", 2, 1.5, 0.28, 1 / 0.389, 0.21 / 3.89),
    ],
    "correlated and anticorrelated": [
        Channel("a", 4, 2.0, 3.0, {"flux": (0.1, 0.1), "rate": (0.0, 0.3), "efficiency": (0.2, 0.0)}),
        Channel("b", 0, 1.0, 2.0, {"flux": (0.1, -0.1), "rate": (0.0, 0.5)}),
        Channel("c", 12, 10.0, 1.0, {"flux": (0.1, 0.1), "rate": (0.0, 0.2)}),
    ],
    "control region": [Channel("signal", 0, 2.0, 1.5, {"k": (0, 0.4)}), Channel("control", 30, 20, 0, {"k": (0, 0.4)})],
    "many events": [counting_channel("many", 105, 100.0, 8.0, 10.0, 0.1)],
}


@pytest.mark.parametrize("channels", CASES.values(), ids=CASES)
def test_same_cls_as_pyhf(channels: list[Channel]) -> None:
    """pyhf bends (1 + d)^theta to a polynomial within a standard deviation: 1e-4 at most."""
    written = pyhf.Workspace(workspace(channels))
    model = written.model()
    data = written.data(model)
    limit = asymptotic_limit(channels)
    for mu in (0.2 * limit, 0.6 * limit, limit, 1.6 * limit):
        theirs = float(pyhf.infer.hypotest(mu, data, model, test_stat="qtilde"))
        assert asymptotic_cls(mu, channels) == pytest.approx(theirs, rel=2e-4, abs=0)
    assert float(pyhf.infer.hypotest(limit, data, model, test_stat="qtilde")) == pytest.approx(0.1, rel=2e-4)


def test_same_fit_as_pyhf() -> None:
    channels = CASES["correlated and anticorrelated"]
    written = pyhf.Workspace(workspace(channels))
    model = written.model()
    best = pyhf.infer.mle.fit(written.data(model), model)
    assert fit(channels).mu == pytest.approx(float(best[model.config.poi_index]), abs=1e-3)


def test_command_line_of_pyhf(tmp_path: Path) -> None:
    channels = CASES["K+ -> pi+ nu nubar, 2016 and 2017"]
    path = tmp_path / "workspace.json"
    path.write_text(json.dumps(workspace(channels)), encoding="utf-8")
    command = [sys.executable, "-W", "ignore", "-c", "from pyhf.cli import cli; cli()"]
    found = subprocess.run(
        [*command, "cls", str(path), "--test-poi", "1.5"], capture_output=True, text=True, check=True
    )
    assert json.loads(found.stdout)["CLs_obs"] == pytest.approx(asymptotic_cls(1.5, channels), rel=1e-4)


def test_contents() -> None:
    """A bin for each channel, errors where they act, the strength by its name and within bounds that do not matter."""
    written = workspace(CASES["correlated and anticorrelated"], poi="BR")
    assert [channel["name"] for channel in written["channels"]] == ["a", "b", "c"]
    assert [observation["data"] for observation in written["observations"]] == [[4.0], [0.0], [12.0]]
    signal, background = written["channels"][1]["samples"]
    assert signal["modifiers"][0] == {"name": "BR", "type": "normfactor", "data": None}
    assert [modifier["name"] for modifier in background["modifiers"]] == ["flux", "rate"]
    assert background["modifiers"][0]["data"] == {"hi": 0.9, "lo": 1 / 0.9}
    (strength,) = written["measurements"][0]["config"]["parameters"]
    assert strength["bounds"][0][1] > 50 * asymptotic_limit(CASES["correlated and anticorrelated"])
    assert json.loads(json.dumps(written)) == written


def test_name_of_the_strength_is_taken() -> None:
    with pytest.raises(DarkdumpError, match="'mu' is the strength"):
        workspace([Channel("a", 0, 1.0, 1.0, {"mu": (0.1, 0.0)})])
