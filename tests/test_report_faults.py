"""Killed at any moment, out of disk, without permission: a report is the former or the new one, whole, and no edit is lost."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="runs are forks of one process")
BOOK = Path(__file__).with_name("faultbook.py")


def faults(out: Path, mode: str, swap: str = "swap", count: int = 0, seed: int = 1) -> list[dict]:
    done = subprocess.run([sys.executable, str(BOOK), str(out), mode, swap, str(count), str(seed)], capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0 and "Traceback" not in done.stderr, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def check(record: dict, gap_allowed: bool = False) -> bool:
    """One fault and the run after it; whether the new report had come in place."""
    seen, new = record["found"], str(record["tried"])
    if not (gap_allowed and not seen["there"]):
        assert seen["whole"] and seen["index"], record
        parts = seen["numbers"]
        present = parts["04_lists.html"]
        # All of the former run, or all of the new one but for a page that was taken over unchanged.
        assert present in (record["before"]["04_lists.html"], new), record
        assert parts["01_page.html"] in ((record["before"]["01_page.html"],) if present != new else (record["before"]["01_page.html"], new)), record
        assert parts.get("lists/清单.txt", present) == present, record
        assert record["edited"] in seen["edit"], record
    after = record["after"]
    assert record["again"] == "status 0" and after["whole"] and not record["left"], record
    assert set(after["numbers"].values()) == {str(record["next"])} and record["edited"] in after["edit"], record
    return seen.get("numbers", {}).get("04_lists.html") == new


@pytest.mark.parametrize("swap", ["swap", "no swap"])
def test_a_run_killed_before_each_of_its_file_operations(tmp_path, swap):
    records = faults(tmp_path / "out", "kill", swap)
    came = [check(record, gap_allowed=swap == "no swap") for record in records]
    assert len(records) > 20 and all(record["how"] == "killed" for record in records)
    assert came == sorted(came) and True in came and False in came
    gone = [record["point"] for record in records if not record["found"]["there"]]
    # Where directories cannot be swapped there is one moment without a report, between two renames.
    assert len(gone) == (1 if swap == "no swap" else 0)


@pytest.mark.parametrize("swap", ["swap", "no swap"])
def test_a_run_after_the_report_was_deleted_killed_before_each_of_its_file_operations(tmp_path, swap):
    records = faults(tmp_path / "out", "gone", swap)
    came = []
    for record in records:
        seen, after = record["found"], record["after"]
        came.append(seen["there"])
        # Nothing yet, or the new report whole; never the former one, which its owner deleted.
        assert not seen["there"] or seen["whole"] and set(seen["numbers"].values()) == {str(record["tried"])}, record
        assert record["again"] == "status 0" and after["whole"] and not record["left"], record
        assert set(after["numbers"].values()) == {str(record["next"])} and after["edit"] == [], record
    assert len(records) > 20 and came == sorted(came) and True in came and False in came


def test_a_run_killed_at_random_moments(tmp_path):
    records = faults(tmp_path / "out", "time", count=55)
    came = [check(record) for record in records]
    assert len(records) == 55 and sum(record["how"] == "killed" for record in records) > 25 and False in came


@pytest.mark.parametrize("mode", ["full", "denied"])
def test_a_disk_that_fills_up_or_a_folder_that_closes_at_any_operation(tmp_path, mode):
    records = faults(tmp_path / "out", mode, count=2)
    for record in records:
        check(record)
        assert record["how"] == "status 1", record


def test_a_file_system_that_is_really_full(tmp_path):
    top = tmp_path / "small"
    top.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=500k", "tmpfs", str(top)], capture_output=True, check=False) if sys.platform == "linux" else None
    if mounted is None or mounted.returncode:
        pytest.skip("a file system can be mounted by root only / 只有管理员能挂载文件系统")
    try:
        records = faults(top / "out", "disk", count=20)
    finally:
        subprocess.run(["umount", str(top)], check=True)
    how = [record["how"] for record in records]
    for record in records:
        check(record)
    assert how[0] == "status 1"


@pytest.fixture
def disk(tmp_path):
    """A file system of its own on a file that stands for a disk: the folder in it for reports."""
    image, top = tmp_path / "disk.img", tmp_path / "disk"
    top.mkdir()
    with image.open("wb") as file:
        file.truncate(24 << 20)
    steps = [["mkfs.ext4", "-q", "-F", str(image)], ["mount", "-o", "loop", str(image), str(top)]] if sys.platform == "linux" and shutil.which("mkfs.ext4") else [["false"]]
    if any(subprocess.run(step, capture_output=True, check=False).returncode for step in steps):
        pytest.skip("a disk on a file can be mounted by root only / 只有管理员能挂载磁盘映像")
    yield top / "out"
    subprocess.run(["umount", str(top)], check=True)


@pytest.mark.parametrize("swap", ["swap", "no swap"])
def test_a_power_cut_leaves_the_former_report_or_the_new_one(disk, swap):
    records = faults(disk, "cut", swap)
    came = [check(record, gap_allowed=swap == "no swap") for record in records]
    assert len(records) > 20 and came == sorted(came) and False in came
    # What was said to be finished is on the disk.
    assert records[-1]["how"] == "status 0" and came[-1]


def test_without_pushing_files_to_the_disk_a_power_cut_would_tear_the_report(disk):
    records = faults(disk, "torn", count=2)
    assert any(not record["found"]["whole"] for record in records)
