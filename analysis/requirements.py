"""What the project needs, as pyproject.toml states it, against what this interpreter has."""

import importlib.metadata
import importlib.util
import re
import tomllib

IMPORT_NAMES = {
    "fonttools": "fontTools",
    "jupyterlab-language-pack-zh-CN": "jupyterlab_language_pack_zh_CN",
    "pillow": "PIL",
    "pytest-xdist": "xdist",
    "python-docx": "docx",
}


def missing_requirements(group, root):
    """What pyproject.toml asks for and this interpreter lacks or has too old, for people.

    A package counts when its module can be found and its recorded version, if there is
    one, is not below the stated minimum.
    """
    lacking = []
    for name, minimum in minimum_versions(group, root):
        module = IMPORT_NAMES.get(name, name.replace("-", "_"))
        if importlib.util.find_spec(module) is None:
            lacking.append(name)
            continue
        try:
            found = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        if release(found) < release(minimum):
            lacking.append(f"{name}（现有 {found} 过旧，需 {minimum} 以上）")
    return lacking


def minimum_versions(group, root):
    """(name, minimum version) of the direct dependencies in pyproject.toml."""
    with open(root / "pyproject.toml", "rb") as file:
        project = tomllib.load(file)["project"]
    listed = list(project["dependencies"])
    if group == "test":
        listed += project["optional-dependencies"]["test"]
    return [tuple(item.split(">=")) for item in listed]


def release(version):
    """Leading numbers of a version as a tuple that compares: "2.10.1rc1" -> (2, 10, 1)."""
    return tuple(int(part) for part in re.match(r"\d+(?:\.\d+)*", version)[0].split("."))
