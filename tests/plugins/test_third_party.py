"""A plugin in a distribution of its own: scaffolded, built, installed apart, and run by the offices that list it."""

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from core.cli.offices.plugin_scaffold import write_distribution
from core.plugin_api import Finding, Severity
from tests.plugins.conftest import Install
from tests.plugins.questions import HEYUAN, LADDER, QINGHE, YUNSHAN, ask

FOUND = Finding("seaport.example", "文件名称和条款", Severity.NOTES, "写明有什么要求、应当怎么办。")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the distribution that `kaowu plugins new seaport --distribution` writes."""
    folder = tmp_path_factory.mktemp("seaport")
    project = write_distribution("seaport", folder)[0].parent
    _python("-m", "build", "--no-isolation", "--wheel", "--outdir", folder / "dist", project)
    (built,) = (folder / "dist").iterdir()
    return built


def _python(*words: object) -> None:
    done = subprocess.run([sys.executable, *map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _install(wheel: Path, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _python("-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", target, wheel)
    monkeypatch.syspath_prepend(target)
    monkeypatch.delitem(sys.modules, "kaowu_seaport", raising=False)


def test_an_installed_plugin_runs_in_the_offices_that_list_it_and_nowhere_else(
    wheel: Path, install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _install(wheel, tmp_path / "target", monkeypatch)
    installed = install({QINGHE: ["seaport"], YUNSHAN: ["steady"]})
    assert installed.registry.faults == ()
    for code in (QINGHE, HEYUAN):
        assert ask("eligibility_findings", installed.hooks(code), installed.catalogue) == (LADDER, FOUND)
        assert installed.hooks(code).versions() == ("seaport (kaowu-seaport 0.1.0)",)
    assert FOUND not in ask("eligibility_findings", installed.hooks(YUNSHAN), installed.catalogue)


def test_installed_is_not_running(
    wheel: Path, install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _install(wheel, tmp_path / "target", monkeypatch)
    assert [point.name for point in entry_points(group="kaowu.plugins")] == ["seaport"]
    installed = install({})
    assert installed.hooks(QINGHE).versions() == ()
    assert "kaowu_seaport" not in sys.modules


def test_a_distribution_for_another_version_of_kaowu_is_refused(
    wheel: Path, install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _install(wheel, tmp_path / "target", monkeypatch)
    (metadata,) = (tmp_path / "target").glob("*.dist-info/METADATA")
    metadata.write_text(metadata.read_text("utf-8").replace("<0.2", "<0.1").replace(">=0.1.0", ">=0.0.1"), "utf-8")
    installed = install({QINGHE: ["seaport"]})
    assert (
        "'seaport' needs kaowu <0.1,>=0.0.1, but this is kaowu 0.1.0. Install another version of kaowu-seaport"
        in str(installed.registry.faults[0])
    )


def test_an_entry_point_that_leads_inside_a_module_is_refused(
    wheel: Path, install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _install(wheel, tmp_path / "target", monkeypatch)
    (points,) = (tmp_path / "target").glob("*.dist-info/entry_points.txt")
    points.write_text(points.read_text("utf-8").replace("= kaowu_seaport", "= kaowu_seaport:Plugin"), "utf-8")
    installed = install({QINGHE: ["seaport"]})
    assert "'seaport' of kaowu-seaport 0.1.0 leads to kaowu_seaport:Plugin, inside a module" in str(
        installed.registry.faults[0]
    )


def test_a_name_that_two_distributions_offer_is_refused(
    wheel: Path, install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _install(wheel, tmp_path / "target", monkeypatch)
    rival = tmp_path / "rival" / "rival-2.0.dist-info"
    rival.mkdir(parents=True)
    (rival / "METADATA").write_text("Metadata-Version: 2.1\nName: rival\nVersion: 2.0\n")
    (rival / "entry_points.txt").write_text("[kaowu.plugins]\nseaport = rival_seaport\n")
    monkeypatch.syspath_prepend(rival.parent)
    installed = install({QINGHE: ["seaport"]})
    assert "'seaport' is offered by kaowu-seaport 0.1.0 and rival 2.0. Uninstall all of them but one" in str(
        installed.registry.faults[0]
    )
