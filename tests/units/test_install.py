"""Setting up .venv: which packages, how it resumes, and what it says when it can't go on."""

import os
import shutil
import signal
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import distribution
from pathlib import Path
from types import SimpleNamespace

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from install import __main__ as command
from install import packages, pins
from install.packages import SIZES, TORCH, get_name, make_pip_commands, read_pins, select_pins
from install.progress import InstallError, describe_progress, explain_failure

PROJECT = Path(__file__).parents[2]
MANY = 3000  # files in a package whose installation is interrupted

# The lists of packages


@pytest.mark.parametrize("name", pins.FILES)
def test_a_requirements_file_is_as_new_as_pyproject(name: str) -> None:
    first = (PROJECT / name).read_text(encoding="utf-8").splitlines()[0]
    assert first == pins.make_header().strip(), "run `make pins`"


def test_every_package_that_pyproject_names_is_pinned_once() -> None:
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = settings["project"]["dependencies"], *settings["dependency-groups"].values()
    named = [each for group in groups for each in group]
    pinned = [canonicalize_name(get_name(pin)) for pin in read_pins(["dev", "scale"])]
    assert len(pinned) == len(set(pinned))
    assert {canonicalize_name(Requirement(each).name) for each in named} <= set(pinned)


def test_the_supported_versions_of_python_are_those_of_pyproject() -> None:
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    allowed = SpecifierSet(settings["project"]["requires-python"])
    for minor in range(8, 20):
        assert command.is_supported((3, minor)) == (f"3.{minor}.0" in allowed)


def test_the_cpu_build_leaves_out_what_only_torch_needs_for_nvidia_cards() -> None:
    every = read_pins(["dev", "scale"])
    names = {canonicalize_name(get_name(pin)) for pin in select_pins(every, cpu=True)}
    left_out = {canonicalize_name(get_name(pin)) for pin in every} - names
    assert len(left_out) > 10
    assert all(name.startswith(("nvidia-", "cuda-")) for name in left_out)
    for name in names - {"torch"}:
        try:
            needs = distribution(name).requires or []
        except ModuleNotFoundError:
            continue  # for another system
        required = [Requirement(each) for each in needs]
        required_names = {
            canonicalize_name(each.name) for each in required if "extra" not in str(each)
        }
        assert not required_names & left_out, name
    assert select_pins(every, cpu=False) == every


def test_the_cpu_build_comes_from_pytorchs_own_index(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages.sys, "platform", "linux")
    pins = select_pins(read_pins([]), cpu=True)
    first, torch, rest = make_pip_commands(Path("python"), pins, True, Path("pins.txt"))
    assert first[-1].startswith("pip==")
    at = torch.index("--index-url")
    assert torch[at + 1] == "https://download.pytorch.org/whl/cpu"
    assert [get_name(pin) for pin in torch[at + 2 :]] == list(TORCH)
    assert rest[-2:] == ["--requirement", "pins.txt"]
    assert "--no-deps" in torch
    assert "--no-deps" in rest
    monkeypatch.setattr(packages.sys, "platform", "darwin")
    assert len(make_pip_commands(Path("python"), pins, True, Path("pins.txt"))) == 2
    monkeypatch.setattr(packages.sys, "platform", "linux")
    assert len(make_pip_commands(Path("python"), pins, False, Path("pins.txt"))) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="its sizes are those on Linux")
def test_the_announced_size_is_that_of_the_packages_on_disk() -> None:
    build = command.read_stamp(Path(sys.prefix)).get("torch")
    disk = 0
    for pin in read_pins([]):
        marker = Requirement(pin).marker
        if marker is None or marker.evaluate():
            files = distribution(get_name(pin)).files or []
            paths = [Path(str(file.locate())) for file in files if file.suffix != ".pyc"]
            disk += sum(path.stat().st_size for path in paths if path.exists())
    assert disk == pytest.approx(SIZES["linux-cpu" if build == "cpu" else "linux"].disk, rel=0.05)


# An installation, by pip from wheels in a folder


def write_wheel(folder: Path, name: str, version: str, files: int = 1) -> None:
    """Write a wheel with so many modules, each of which has the version in it."""
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        names = [f"{name}/module_{i}.py" for i in range(files)]
        for each in names:
            wheel.writestr(each, f"VERSION = '{version}'\n")
        wheel.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        listed = [*names, f"{info}/METADATA", f"{info}/WHEEL", f"{info}/RECORD"]
        wheel.writestr(f"{info}/RECORD", "".join(f"{each},,\n" for each in listed))


class Project:
    """A folder with the installer, requirements, wheels, and an environment that has pip."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.wheels = folder, folder / "wheels"
        self.wheels.mkdir(parents=True)
        shutil.copytree(PROJECT / "install", folder / "install")
        for name, value in (
            ("PIP_NO_INDEX", "1"),
            ("PIP_FIND_LINKS", str(self.wheels)),
            ("PIP_CONFIG_FILE", os.devnull),
        ):
            monkeypatch.setenv(name, value)
        venv = folder / ".venv"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
        (self.site,) = venv.glob("lib/python*/site-packages")
        pip = distribution("pip")
        shared = folder / "pip"
        shared.mkdir()
        for part in ("pip", f"pip-{pip.version}.dist-info"):
            (shared / part).symlink_to(Path(str(pip.locate_file(part))))
        (self.site / "pip.pth").write_text(str(shared))
        self.pip = f"pip=={pip.version}"
        self.require("small==1.0")
        write_wheel(self.wheels, "small", "1.0")

    def require(self, *lines: str, group: str = "") -> None:
        name = f"requirements-{group}.txt" if group else "requirements.txt"
        listed = lines if group else (self.pip, *lines)
        (self.folder / name).write_text("# made\n" + "\n".join(listed) + "\n")

    def start(self, *options: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "install", *options],
            cwd=self.folder,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            # as in a terminal, also where the tests run in the background
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    def install(self, *options: str) -> tuple[int, str]:
        """Return the exit code and what was printed."""
        process = self.start(*options)
        output = process.communicate(timeout=120)[1]
        return process.returncode, output

    def versions(self, package: str) -> set[str]:
        return {path.read_text() for path in (self.site / package).glob("*.py")}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    return Project(tmp_path / "project", monkeypatch)


def test_packages_are_installed_again_only_when_their_pins_change(project: Project) -> None:
    code, output = project.install()
    assert code == 0, output
    assert "Setting up .venv: 2 packages" in output
    assert project.versions("small") == {"VERSION = '1.0'\n"}
    shutil.rmtree(project.wheels)
    assert project.install() == (0, ""), "nothing is left to do"
    project.wheels.mkdir()
    write_wheel(project.wheels, "small", "2.0")
    write_wheel(project.wheels, "extra", "1.0")
    project.require("small==2.0")
    project.require("extra==1.0", group="dev")
    assert project.install("--dev")[0] == 0
    assert project.versions("small") == {"VERSION = '2.0'\n"}
    assert project.versions("extra")


def test_an_installation_that_was_killed_is_completed_by_the_next(project: Project) -> None:
    write_wheel(project.wheels, "large", "1.0", MANY)
    project.require("small==1.0", "large==1.0")
    process = project.start()
    while not (project.site / "large" / "module_100.py").exists():
        assert process.poll() is None
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert len(list((project.site / "large").iterdir())) < MANY
    code, output = project.install()
    assert code == 0, output
    assert len(list((project.site / "large").glob("*.py"))) == MANY


def test_a_package_whose_record_is_incomplete_is_installed_again(project: Project) -> None:
    assert project.install()[0] == 0
    (project.site / "small" / "module_0.py").unlink()
    (project.site / "small-1.0.dist-info" / "INSTALLER").unlink()
    (project.folder / ".venv" / command.STAMP).unlink()
    assert project.install()[0] == 0
    assert project.versions("small")


def test_ctrl_c_stops_pip_and_the_same_command_resumes(project: Project) -> None:
    write_wheel(project.wheels, "large", "1.0", MANY)
    project.require("large==1.0")
    process = project.start()
    while not (project.site / "large").exists():
        assert process.poll() is None
    os.killpg(process.pid, signal.SIGINT)
    output = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert "Stopped. The same command resumes." in output
    assert "Traceback" not in output
    assert project.install()[0] == 0
    assert len(list((project.site / "large").glob("*.py"))) == MANY


def test_the_message_for_an_unreachable_index_says_what_to_check(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "1")
    project.require("absent==1.0")
    code, output = project.install()
    assert code == 1
    assert "The package index can't be reached. Check the network" in output
    assert "it resumes" in output


def test_the_message_for_a_missing_version_is_pips_own(project: Project) -> None:
    project.require("small==9.0")
    code, output = project.install()
    assert code == 1
    assert "ERROR: Could not find a version that satisfies the requirement small==9.0" in output
    assert "install.log" in output


def test_the_cpu_build_is_installed_and_kept_by_later_installations(project: Project) -> None:
    for name in TORCH:
        write_wheel(project.wheels, name, "1.0+cpu")
    write_wheel(project.wheels, "nvidia_blas", "1.0")
    pins = "torch==1.0", "torchvision==1.0", "nvidia-blas==1.0"
    project.require("small==1.0", *pins)
    code, output = project.install("--torch", "cpu")
    assert code == 0, output
    write_wheel(project.wheels, "small", "2.0")
    project.require("small==2.0", *pins)
    assert project.install()[0] == 0
    assert project.versions("small") == {"VERSION = '2.0'\n"}
    assert project.versions("torch") == {"VERSION = '1.0+cpu'\n"}
    assert not (project.site / "nvidia_blas").exists()


def test_an_unknown_build_of_pytorch_is_refused(project: Project) -> None:
    code, output = project.install("--torch", "gpu")
    assert code == 1
    assert "There is no TORCH=gpu" in output


def test_the_build_can_only_be_changed_in_a_new_environment(project: Project) -> None:
    assert project.install()[0] == 0
    code, output = project.install("--torch", "cpu")
    assert code == 1
    assert ".venv has PyTorch's default build. Run `make clean`" in output


# What can be wrong with a machine


@pytest.mark.parametrize("version", [(3, 10), (3, 14)])
def test_the_message_for_an_unsupported_python_names_the_supported_ones(
    version: tuple[int, int], tmp_path: Path
) -> None:
    with pytest.raises(InstallError, match=r"This is Python 3\.\d+; 3\.11 to 3\.13 are supported"):
        command.check_python(version, tmp_path)


def test_the_message_for_a_missing_venv_module_names_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(InstallError, match=r"sudo apt install python3\.12-venv"):
        command.check_python((3, 12), tmp_path)


def test_a_python_for_intel_macs_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command.sys, "platform", "darwin")
    monkeypatch.setattr(command.platform, "machine", lambda: "x86_64")
    with pytest.raises(InstallError, match="install a Python for arm64"):
        command.check_python((3, 12), tmp_path)
    monkeypatch.setattr(command.platform, "machine", lambda: "arm64")
    command.check_python((3, 12), tmp_path)


def test_an_environment_whose_python_is_missing_must_be_deleted(tmp_path: Path) -> None:
    (tmp_path / "python").symlink_to(tmp_path / "gone")
    with pytest.raises(InstallError, match="Run `make clean`"):
        command.check_python((3, 11), tmp_path / "python")


def test_a_disk_that_is_too_small_is_noticed_before_the_download(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = SimpleNamespace(free=7e9)
    monkeypatch.setattr(command.shutil, "disk_usage", lambda _: free)
    monkeypatch.setattr(command.Path, "home", lambda: tmp_path)
    monkeypatch.setattr(command.tempfile, "gettempdir", lambda: str(tmp_path))
    with pytest.raises(InstallError, match=r"11\.0 GB are needed .* 7\.0 GB free.*TMPDIR"):
        command.check_space(tmp_path / ".venv", packages.Size(3e9, 5e9))
    free.free = 11.1e9
    command.check_space(tmp_path / ".venv", packages.Size(3e9, 5e9))


def test_the_message_for_a_full_disk_says_what_to_do() -> None:
    printed = (
        "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device"
    )
    assert explain_failure(printed, Path("log")).startswith("There is no space left on the disk.")


@pytest.mark.parametrize("card", [True, False])
def test_the_cpu_build_is_named_where_there_is_no_nvidia_card(
    card: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command.sys, "platform", "linux")
    monkeypatch.setattr(command, "has_nvidia_card", lambda: card)
    command.print_announcement(124, SIZES["linux"], cpu=False)
    output = capsys.readouterr().err
    assert f"{SIZES['linux'].disk / 1e9:.1f} GB on disk" in output
    assert ("TORCH=cpu" in output) != card


def test_progress_names_the_file_and_estimates_the_time() -> None:
    printed = (
        "Collecting numpy==2.4.6\n  Downloading numpy-2.4.6-cp311.whl (16.6 MB)\n"
        "Progress 16600000 of 16600000\nCollecting torch==2.14.1\n"
        "  Downloading torch-2.14.1-cp311.whl (530.0 MB)\nProgress 0 of 530000000\n"
        "Progress 83400000 of 530000000\n"
    )
    assert describe_progress(printed, 124, 1.1e9, 60, 0) == (
        "Fetching package 2 of 124: torch-2.14.1, 83 of 530 MB, about 10 min left"
    )
    assert describe_progress("", 124, 1e9, 1, 0) == "Asking the package index"
    printed += "Installing collected packages: numpy, torch\n"
    assert describe_progress(printed, 124, 1e9, 90, 1) == "Unpacking package 2 of 124"


@pytest.mark.parametrize("versions", ["python3.12", ""])
def test_make_takes_the_first_python_that_is_supported(versions: str, tmp_path: Path) -> None:
    for name in ("python3", "python3.13", "python3.12", "python3.11"):
        last = f'exec "{sys.executable}" "$@"' if name == versions else "exit 1"
        (tmp_path / name).write_text(f"#!/bin/sh\n{last}\n")
        (tmp_path / name).chmod(0o755)
    command = ["make", "--dry-run", "--no-print-directory", "install"]
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHON", "MAKEFLAGS")}
    environment["PATH"] = f"{tmp_path}:{os.environ['PATH']}"
    run = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True)
    if versions:
        assert run.stdout.startswith("python3.12 -m install"), run
    else:
        assert run.stdout.startswith('echo "None of python3'), run
        assert "make demo PYTHON=" in run.stdout
