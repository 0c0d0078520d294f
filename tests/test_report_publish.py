"""A report is the former or the new one, whole."""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
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


class Killed(BaseException):
    pass


def killed_before(moment: int, monkeypatch) -> None:
    """The ``moment``-th rename, marker written or marker removed from now on does not come to pass, nor anything after it."""
    calls = iter(range(100))

    def counted(real):
        def call(*given, **named):
            # What runs while the exception passes through would not run in a killed process.
            if next(calls) >= moment:
                raise Killed
            return real(*given, **named)
        return call

    for owner, name in ((os, "rename"), (Path, "touch"), (Path, "unlink")):
        monkeypatch.setattr(owner, name, counted(getattr(owner, name)))
    monkeypatch.setattr(publish.shutil, "rmtree", lambda *given, **named: None)


@pytest.mark.parametrize("swap", [True, False])
def test_a_kill_at_any_rename_leaves_a_whole_report_after_recovery(tmp_path, swap):
    found, restored = [], []
    for moment in range(7):
        out = tmp_path / f"{swap}{moment}"
        with pytest.MonkeyPatch.context() as patched:
            if not swap:
                patched.setattr(publish, "_swap", lambda one, other: False)
            for text in ("一", "二"):
                publish.replace_directory(built(out, text), out / "demo")
            new = built(out, "三")
            with pytest.MonkeyPatch.context() as killing:
                killed_before(moment, killing)
                try:
                    publish.replace_directory(new, out / "demo")
                    ended = True
                except Killed:
                    ended = False
            restored.append(publish.recover(out, "demo"))
            found.append((out / "demo/index.html").read_text())
            assert not (out / ".building").exists() and not list((out / ".former").glob("*.moving")), moment
            # Nothing of the interruption is left over that would bring a report back which its owner deletes now.
            shutil.rmtree(out / "demo")
            assert not publish.recover(out, "demo") and not (out / "demo").exists(), moment
    assert ended
    if swap:
        # Swapped in one step: the new report is there before the first rename.
        assert set(found) == {"三"} and not any(restored)
    else:
        # Before the marker; before either rename of the former ones; in the gap; before the marker goes; after it.
        assert found == ["二", "二", "二", "二", "三", "三", "三"] and restored == [False, False, False, True, False, False, False]


@pytest.mark.parametrize("swap", [True, False])
def test_a_deleted_report_stays_deleted_and_its_former_ones_are_kept(tmp_path, monkeypatch, swap):
    if not swap:
        monkeypatch.setattr(publish, "_swap", lambda one, other: False)
    for text in ("一", "二", "三"):
        publish.replace_directory(built(tmp_path, text), tmp_path / "demo", keep=2)
    shutil.rmtree(tmp_path / "demo")
    half_built = built(tmp_path, "四")
    assert not publish.recover(tmp_path, "demo")
    assert not (tmp_path / "demo").exists() and not half_built.exists()
    publish.replace_directory(built(tmp_path, "五"), tmp_path / "demo", keep=2)
    assert (tmp_path / "demo/index.html").read_text() == "五"
    assert [(path / "index.html").read_text() for path in publish.former_reports(tmp_path / "demo")] == ["二", "一"]


def test_a_former_report_that_cannot_be_put_back_at_once_is_put_back_by_the_next_run(tmp_path, monkeypatch):
    publish.replace_directory(built(tmp_path, "一"), tmp_path / "demo")
    new = built(tmp_path, "二")
    monkeypatch.setattr(publish, "_swap", lambda one, other: False)
    real = os.rename

    def rename(a, b):
        if Path(b) == tmp_path / "demo":
            raise PermissionError(13, "denied")
        real(a, b)

    monkeypatch.setattr(os, "rename", rename)
    with pytest.raises(publish.PublishError):
        publish.replace_directory(new, tmp_path / "demo")
    monkeypatch.setattr(os, "rename", real)
    assert not (tmp_path / "demo").exists()
    assert publish.recover(tmp_path, "demo")
    assert (tmp_path / "demo/index.html").read_text() == "一" and not list(tmp_path.glob(".former/*"))


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


def test_runs_of_several_cases_side_by_side_do_not_take_each_others_folders_away(tmp_path):
    """Each leaves ``.building`` and ``.former`` empty at its end, so that the others find them gone at any moment."""
    wrong = []

    def one(name):
        try:
            for turn in range(25):
                built = publish.start_building(tmp_path, name)
                (built / "index.html").write_text(f"{name} {turn}", encoding="utf-8")
                publish.replace_directory(built, tmp_path / name, keep=0)
                with contextlib.suppress(OSError):
                    (tmp_path / publish.BUILDING).rmdir()
        except Exception as failure:
            wrong.append(failure)

    threads = [threading.Thread(target=one, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert [(tmp_path / name / "index.html").read_text("utf-8") for name in "abcd"] == [f"{name} 24" for name in "abcd"]
    assert not (tmp_path / publish.FORMER).exists()


def test_a_shared_folder_is_made_while_others_take_it_away(tmp_path):
    place, end = tmp_path / "x" / ".locks", threading.Event()

    def take_away():
        while not end.is_set():
            with contextlib.suppress(OSError):
                place.rmdir()

    other = threading.Thread(target=take_away)
    other.start()
    try:
        for _ in range(2000):
            assert publish.shared_folder(place) == place
    finally:
        end.set()
        other.join()
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(FileExistsError):
        publish.shared_folder(tmp_path / "file")
