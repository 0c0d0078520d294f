"""A report is the former or the new one, whole."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.report import publish


def built(out: Path, text: str, name: str = "demo") -> Path:
    directory = publish.start_building(out, name)
    (directory / "index.html").write_text(text)
    return directory


@pytest.mark.parametrize("swap", [True, False])
def test_the_new_takes_the_place_and_the_former_is_kept(tmp_path, monkeypatch, swap):
    if not swap:
        monkeypatch.setattr(publish, "_swap", lambda one, other: False)
    for text in ("一", "二", "三"):
        publish.replace_directory(built(tmp_path, text), tmp_path / "demo")
    assert (tmp_path / "demo/index.html").read_text() == "三"
    assert (tmp_path / ".former/demo/index.html").read_text() == "二"
    assert not list((tmp_path / ".building").iterdir())


@pytest.mark.parametrize("swap", [True, False])
def test_a_kill_at_any_rename_leaves_a_whole_report_after_recovery(tmp_path, monkeypatch, swap):
    class Killed(BaseException):
        pass

    if not swap:
        monkeypatch.setattr(publish, "_swap", lambda one, other: False)
    real, real_rmtree = os.rename, publish.shutil.rmtree
    for moment in range(4):
        out = tmp_path / f"{swap}{moment}"
        for text in ("一", "二"):
            publish.replace_directory(built(out, text), out / "demo")
        new, calls = built(out, "三"), iter(range(100))

        def rename(a, b, calls=calls, moment=moment):
            if next(calls) == moment:
                raise Killed
            real(a, b)

        monkeypatch.setattr(os, "rename", rename)
        monkeypatch.setattr(publish.shutil, "rmtree", lambda *a, **k: None)
        try:
            publish.replace_directory(new, out / "demo")
        except Killed:
            pass
        monkeypatch.setattr(os, "rename", real)
        monkeypatch.setattr(publish.shutil, "rmtree", real_rmtree)
        publish.recover(out, "demo")
        assert (out / "demo/index.html").read_text() in ("二", "三")
        assert not (out / ".building").exists()


def test_recovering_one_report_leaves_what_is_built_of_others_alone(tmp_path):
    own, others = built(tmp_path, "一"), [built(tmp_path, "一", name) for name in ("demo-甲区", "demo2", "de")]
    assert not publish.recover(tmp_path, "demo")
    assert not own.exists() and all(path.exists() for path in others)


@pytest.mark.parametrize("swap", [True, False])
@pytest.mark.parametrize("keep", [0, 1, 3])
def test_as_many_former_reports_are_kept_as_asked_for_newest_first(tmp_path, monkeypatch, swap, keep):
    if not swap:
        monkeypatch.setattr(publish, "_swap", lambda one, other: False)
    for number in range(1, 7):
        new = built(tmp_path, str(number))
        (new / "manifest.json").write_text(f'{{"finished": "2026-01-0{number}T08:00:00+08:00"}}')
        publish.replace_directory(new, tmp_path / "demo", keep)
        publish.replace_directory(built(tmp_path, "other", "demo-2"), tmp_path / "demo-2", keep)
    kept = publish.former_reports(tmp_path / "demo")
    assert [(path / "index.html").read_text() for path in kept] == [str(n) for n in range(5, 5 - keep, -1)]
    assert [path.name for path in kept[:2]] == ["demo", "demo.20260104-080000"][:keep]
    publish.replace_directory(built(tmp_path, "7"), tmp_path / "demo", 1)
    assert len(publish.former_reports(tmp_path / "demo")) == 1 and len(publish.former_reports(tmp_path / "demo-2")) == keep


def test_a_report_is_as_readable_as_the_umask_says(tmp_path):
    if os.name != "posix":
        pytest.skip("umask")
    for mask, mode in ((0o077, 0o700), (0o022, 0o755)):
        before = os.umask(mask)
        try:
            publish.replace_directory(built(tmp_path, "一"), tmp_path / f"demo{mask}")
        finally:
            os.umask(before)
        assert (tmp_path / f"demo{mask}").stat().st_mode & 0o777 == mode


def test_a_former_report_that_cannot_be_kept_stays_the_present_one(tmp_path, monkeypatch):
    publish.replace_directory(built(tmp_path, "一"), tmp_path / "demo")
    real = os.rename

    def rename(a, b):
        if publish.FORMER in str(b):
            raise PermissionError(13, "denied")
        real(a, b)

    monkeypatch.setattr(os, "rename", rename)
    with pytest.raises(publish.PublishError):
        publish.replace_directory(built(tmp_path, "二"), tmp_path / "demo")
    assert (tmp_path / "demo/index.html").read_text() == "一"


def test_a_failed_rename_puts_the_former_back(tmp_path, monkeypatch):
    publish.replace_directory(built(tmp_path, "一"), tmp_path / "demo")
    new = built(tmp_path, "二")
    monkeypatch.setattr(publish, "_swap", lambda one, other: False)
    real = os.rename

    def rename(a, b):
        if Path(a) == new:
            raise PermissionError(13, "denied")
        real(a, b)

    monkeypatch.setattr(os, "rename", rename)
    with pytest.raises(publish.PublishError, match="请关闭正在使用"):
        publish.replace_directory(new, tmp_path / "demo")
    assert (tmp_path / "demo/index.html").read_text() == "一"


@given(st.text(min_size=0, max_size=80))
def test_a_folder_name_is_one_plain_component(text):
    name = publish.safe_name(text)
    assert name and name not in (".", "..") and not set(name) & set('/\\:*?"<>|.\0') and len(name.encode()) < 140


@given(st.sets(st.text(alphabet="aB/.\\ :con示例_-1", max_size=8), min_size=2, max_size=2))
def test_two_names_never_share_a_folder(names):
    one, other = map(publish.safe_name, names)
    assert one != other


@pytest.mark.parametrize("name", ["demo", "anhui-2016", "示例区", "安徽2016"])
def test_an_ordinary_name_is_kept(name):
    assert publish.safe_name(name) == name


@pytest.mark.parametrize("name", ["CON", "nul", "com1", "index.html", "../x", ".hidden", "a/b"])
def test_an_odd_name_is_changed_and_marked(name):
    assert publish.safe_name(name) != name and len(publish.safe_name(name).rsplit("-")[-1]) == 8
