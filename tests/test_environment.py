"""pyproject.toml, requirements.txt and environment.yml say the same, and no address."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
CONDA_NAMES = {
    "matplotlib": "matplotlib-base",
    "nbconvert": "nbconvert-core",
    "playwright": "playwright-python",
    "seaborn": "seaborn-base",
    "typst": "typst-py",
}
SETUP_FILES = ("pyproject.toml", "requirements.txt", "environment.yml")


def read(name):
    return (ROOT / name).read_text("utf-8")


def direct_dependencies():
    project = tomllib.loads(read("pyproject.toml"))["project"]
    listed = project["dependencies"] + project["optional-dependencies"]["test"]
    return {canonicalize_name(Requirement(line).name): Requirement(line) for line in listed}


def pins():
    """Every pinned line of requirements.txt."""
    return [Requirement(line) for line in read("requirements.txt").splitlines() if line and line[0] != "#"]


def pinned_version(name, python="3.11.9"):
    machine = {"python_full_version": python, "python_version": python.rpartition(".")[0]}
    machine |= {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux"}
    return [
        str(next(iter(pin.specifier)).version)
        for pin in pins()
        if canonicalize_name(pin.name) == name and (pin.marker is None or pin.marker.evaluate(machine))
    ]


def conda_versions():
    listed = yaml.safe_load(read("environment.yml"))["dependencies"]
    return dict(item.split("=") for item in listed)


def test_every_line_of_the_pinned_list_fixes_one_version():
    assert all([s.operator for s in pin.specifier] == ["=="] for pin in pins())


@pytest.mark.parametrize("python", ["3.11.9", "3.12.9", "3.13.2", "3.14.0"])
def test_each_direct_dependency_is_pinned_once_within_its_stated_range(python):
    for name, wanted in direct_dependencies().items():
        versions = pinned_version(name, python)
        assert len(versions) == 1, name
        assert wanted.specifier.contains(versions[0]), name


def test_conda_lists_the_direct_dependencies_in_the_pinned_versions():
    expected = {CONDA_NAMES.get(name, name): pinned_version(name)[0] for name in direct_dependencies()}
    assert conda_versions() == {"python": "3.11", **expected}


def test_each_direct_dependency_states_a_minimum_version_and_nothing_else():
    assert all([s.operator for s in wanted.specifier] == [">="] for wanted in direct_dependencies().values())


@pytest.mark.parametrize("name", SETUP_FILES)
def test_no_set_up_file_holds_an_address(name):
    assert not re.search(r"://|--(extra-)?index-url|--find-links|--trusted-host|@\s*(file|git)", read(name))


def test_the_pinned_list_says_how_to_make_it_again():
    first = read("requirements.txt").splitlines()[0]
    assert first.startswith("#") and "uv pip compile pyproject.toml --extra test --universal" in first
