"""Matching published lists to a roster: names taken apart, the order of evidence, nothing merged silently."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rosterbook import green_factories, make_roster

from analysis.matching import DECISION_COLUMNS, decision_sheet, known_places, match, normalise, similar_names
from analysis.matching.compare import APART, LOOSE, SAME, compare
from analysis.matching.fuzzy import compared, nearest
from analysis.params import AssessmentError


def roster(*rows):
    """Rows (name, code, former names)."""
    return pd.DataFrame([(*row, "", "")[:3] for row in rows], columns=["name", "code", "former_name"]).assign(row=range(2, len(rows) + 2))


def listed(*rows):
    return pd.DataFrame([(row if isinstance(row, tuple) else (row, "")) for row in rows], columns=["name", "code"])


def outcome(found):
    """held row and by what, doubtful rows, or nothing, of the first listed name."""
    if len(found.held):
        return found.held["row"].iat[0], found.held["matched_by"].iat[0]
    return sorted(found.doubtful["row"])


# The parts are read off the name by hand.
PARTS = {
    "江苏省淮安市恒通精密机械有限公司": ("恒通精密机械", "有限", ("江苏", "淮安"), "", False),
    "江苏淮安恒通精密机械有限责任公司": ("恒通精密机械", "有限", ("江苏", "淮安"), "", False),
    "恒通精密机械（淮安）股份有限公司": ("恒通精密机械", "股份", ("淮安",), "", True),
    "恒通(集团) 精密机械股份有限公司": ("恒通集团精密机械", "股份", (), "", False),
    "北京市政路桥建材集团有限公司路驰分公司": ("市政路桥建材集团", "有限", ("北京",), "路驰分公司", False),
    "一汽—大众汽车有限公司成都分公司": ("一汽大众汽车", "有限", (), "成都分公司", False),
    "ＴＣＬ空调器（中山）有限公司": ("tcl空调器", "有限", ("中山",), "", True),
    "广西壮族自治区柳州钢铁股份公司": ("钢铁", "股份", ("广西", "柳州"), "", False),
    "中山中粤马口铁工业有限公司": ("中粤马口铁工业", "有限", ("中山",), "", False),
    "青岛海湾": ("海湾", "", ("青岛",), "", False),
    "云南玉溪水松纸厂": ("水松纸厂", "", ("云南", "玉溪"), "", False),
    "": ("", "", (), "", False),
}


@pytest.mark.parametrize("name", PARTS)
def test_a_name_comes_apart_into_core_form_place_and_branch(name):
    assert normalise(name)[:5] == PARTS[name]


def test_a_former_name_stated_in_brackets_is_kept_apart():
    n = normalise("深圳市宝能汽车有限公司（原长安标致雪铁龙汽车有限公司）")
    assert (n.core, n.place, n.alias) == ("宝能汽车", ("深圳",), "长安标致雪铁龙汽车有限公司")


def test_places_of_a_case_and_places_seen_with_their_suffix_are_known():
    own = known_places().with_names(["示例市", "标杆区", "东区"])
    assert normalise("示例市峤鼎建材有限公司", own).key == normalise("示例峤鼎建材有限公司", own).key
    assert normalise("东区机械厂", own).place == ("东区",)
    assert normalise("常熟华新特殊钢有限公司").place == ()
    seen = known_places().learnt_from(["江苏省常熟市龙腾特种钢有限公司", "新都市建材"])
    assert normalise("常熟华新特殊钢有限公司", seen).place == ("常熟",)


PAIRS = [
    ("江苏恒通机械有限公司", "江苏省恒通机械有限责任公司", SAME),
    ("恒通机械（苏州）有限公司", "苏州恒通机械有限公司", SAME),
    ("恒通机械有限公司", "恒通机械股份有限公司", LOOSE),
    ("江苏恒通机械有限公司", "恒通机械有限公司", LOOSE),
    ("江苏苏州恒通机械有限公司", "苏州恒通机械有限公司", LOOSE),
    ("江苏苏州恒通机械有限公司", "江苏恒通机械有限公司", APART),
    ("恒通机械（苏州）有限公司", "恒通机械有限公司", APART),
    ("恒通机械（中国）有限公司", "恒通机械有限公司", APART),
    ("中国恒通机械有限公司", "恒通机械有限公司", APART),
    ("江苏恒通机械有限公司", "浙江恒通机械有限公司", APART),
    ("江苏恒通机械有限公司", "恒通机械股份有限公司", APART),
    ("江苏永高有限公司", "永高有限公司", APART),
    ("永高有限公司", "永高股份有限公司", APART),
]


@pytest.mark.parametrize("one,other,level", PAIRS)
def test_what_differs_decides_whether_two_names_can_be_one_enterprise(one, other, level):
    a, b = normalise(one), normalise(other)
    found, words = compare(a, b)
    assert found == compare(b, a)[0] == level
    assert words and ("名册" in words or level == SAME)


CODE, OTHER = "91350100M000100Y43", "91329901MAUKPQ5C7M"
CASES = {
    "code before name": (("恒通机械公司", CODE), [("恒通精密机械有限公司", CODE), ("远东机械有限公司", OTHER)], (2, "信用代码")),
    "code with a quite different name": (("远东食品有限公司", CODE), [("恒通精密机械有限公司", CODE)], [2]),
    "code with a former name": (("远东食品有限公司", CODE), [("恒通精密机械有限公司", CODE, "远东食品有限公司")], (2, "信用代码")),
    "code of one, name of another": (("远东机械有限公司", CODE), [("远东机械制造有限公司", CODE), ("远东机械有限公司", OTHER)], [2, 3]),
    "code on two rows": (("远东食品公司", CODE), [("恒通精密机械有限公司", CODE), ("大明食品有限公司", CODE)], [2, 3]),
    "code on two rows, name on one": (("大明食品有限公司", CODE), [("恒通精密机械有限公司", CODE), ("大明食品有限公司", CODE)], (3, "信用代码")),
    "name with another code": (("远东机械有限公司", CODE), [("远东机械有限公司", OTHER)], [2]),
    "name, code not in the roster": (("远东机械有限公司", CODE), [("远东机械有限公司", "")], (2, "名称")),
    "width, space and brackets": ("远东（淮安） 机械有限公司", [("远东(淮安)机械有限公司",)], (2, "名称")),
    "spelling of the form": ("远东机械制造有限责任公司", [("远东机械制造有限公司",)], (2, "规范名称")),
    "the letter before the spelling": ("远东机械制造有限公司", [("远东机械制造有限责任公司",), ("远东机械制造有限公司",)], (3, "名称")),
    "two spellings": ("江苏远东机械制造有限公司", [("江苏省远东机械制造有限公司",), ("江苏远东机械制造有限责任公司",)], [2, 3]),
    "former name": ("大明食品有限公司", [("恒通机械有限公司", "", "老大明厂；大明食品有限责任公司")], (2, "曾用名")),
    "former name that another bears now": ("大明食品有限公司", [("恒通机械有限公司", "", "大明食品有限公司"), ("大明食品有限公司",)], [2, 3]),
    "former name stated in the list": ("恒通实业有限公司（原大明食品有限公司）", [("大明食品有限公司",)], (2, "名单注明的曾用名")),
    "parent and branch": ("恒通机械有限公司", [("恒通机械有限公司淮安分公司",)], [2]),
    "other place": ("江苏恒通机械有限公司", [("浙江恒通机械有限公司",)], [2]),
    "place in brackets": ("恒通机械有限公司", [("恒通机械（淮安）有限公司",)], [2]),
    "one character": ("恒通精密机诫有限公司", [("恒通精密机械有限公司",)], [2]),
    "nothing like it": ("恒通精密机械有限公司", [("大明食品有限公司",)], []),
    "no name": ("", [("大明食品有限公司",)], []),
}


@pytest.mark.parametrize("name", CASES)
def test_evidence_counts_in_its_order_and_doubt_is_never_settled(name):
    item, rows, expected = CASES[name]
    assert outcome(match(listed(item), roster(*rows))) == expected


@pytest.mark.parametrize("name, words", [("code with a quite different name", "名称差别大"), ("code of one, name of another", "另一家企业"),
                                         ("name with another code", "信用代码不同"), ("two spellings", "2家都符合"), ("parent and branch", "分支机构不同"),
                                         ("other place", "地名不同（名单：江苏；名册：浙江）"), ("place in brackets", "没有地名“淮安”")])
def test_a_doubtful_pair_says_why(name, words):
    item, rows, _ = CASES[name]
    assert match(listed(item), roster(*rows)).doubtful["reason"].str.contains(words, regex=False).any()


def test_a_name_without_its_place_is_taken_only_where_nothing_else_has_the_core():
    alone = roster(("江苏恒通机械有限公司",))
    assert outcome(match(listed("恒通机械有限公司"), alone))[0] == 2
    assert "没有地名" in match(listed("恒通机械有限公司"), alone).held["matched_by"].iat[0]
    assert outcome(match(listed("恒通机械有限公司"), roster(("江苏恒通机械有限公司",), ("浙江恒通机械有限公司",)))) == [2, 3]
    assert match(listed("恒通机械有限公司", "浙江恒通机械有限公司"), alone).held.empty


def test_an_entry_taken_by_its_own_name_is_not_taken_again_by_a_loose_one():
    found = match(listed("恒通机械制造有限公司", "江苏恒通机械制造股份有限公司", "恒通机械制造股份有限公司"), roster(("恒通机械制造有限公司",)))
    assert list(found.held["listed_name"]) == ["恒通机械制造有限公司"]
    assert set(found.doubtful["listed_name"]) == {"江苏恒通机械制造股份有限公司", "恒通机械制造股份有限公司"}


def test_the_same_name_in_several_lists_is_matched_in_each():
    found = match(listed("甲机械有限公司", "甲机械有限公司"), roster(("甲机械有限公司",)))
    assert list(found.held["list_row"]) == [0, 1]


def test_a_persons_decision_is_kept_and_a_refusal_too():
    book = roster(("恒通精密机械有限公司",), ("大明食品有限公司",))
    names = listed("恒通精密机诫有限公司", "大明食晶有限公司")
    sheet = decision_sheet(match(names, book).doubtful)
    assert list(sheet.columns) == list(DECISION_COLUMNS.values()) and (sheet["结论"] == "").all() and len(sheet) == 2
    sheet["结论"] = ["是", "否"]
    found = match(names, book, sheet)
    assert (found.held["row"].tolist(), found.held["matched_by"].tolist()) == ([2], ["人工核对"])
    assert found.doubtful.empty and found.unmatched["reason"].str.contains("人工核对").all()


def test_a_refusal_also_stops_an_automatic_match():
    sheet = pd.DataFrame({"名单名称": ["江苏大明食品有限公司"], "企业名称": ["大明食品有限公司"], "结论": ["否"]})
    assert match(listed("江苏大明食品有限公司"), roster(("大明食品有限公司",)), sheet).held.empty


@pytest.mark.parametrize("rows, words", [
    ([("甲", "大明食品有限公司", "也许")], "第2行的结论“也许”"),
    ([("甲", "没有的公司", "是")], "第2行企业“没有的公司”不在名册里"),
    ([("甲", "大明食品有限公司", "是"), ("甲", "恒通机械有限公司", "是")], "第3行把“甲”又认作另一家"),
    ([("甲", "大明食品有限公司", "是"), ("甲", "大明食品有限公司", "否")], "既写了是又写了否"),
    ([("", "大明食品有限公司", "是")], "没有写名单名称"),
])
def test_decisions_that_make_no_sense_are_refused_with_the_row(rows, words):
    sheet = pd.DataFrame(rows, columns=["名单名称", "企业名称", "结论"])
    with pytest.raises(AssessmentError, match=words):
        match(listed("甲"), roster(("大明食品有限公司",), ("恒通机械有限公司",)), sheet)


def test_tables_without_what_is_needed_are_refused():
    with pytest.raises(AssessmentError, match="名单缺少 name 列"):
        match(pd.DataFrame({"名称": ["甲"]}), roster(("甲",)))
    with pytest.raises(AssessmentError, match="第3行没有企业名称"):
        match(listed("甲"), roster(("甲",), ("",)))
    with pytest.raises(AssessmentError, match="缺少列：结论"):
        match(listed("甲"), roster(("甲",)), pd.DataFrame({"名单名称": ["甲"], "企业名称": ["甲"]}))


def test_nearest_names_are_those_of_a_plain_search():
    def subsequence(a, b):
        row = [0] * (len(b) + 1)
        for x in a:
            last = row[:]
            for j, y in enumerate(b):
                row[j + 1] = last[j] + 1 if x == y else max(last[j + 1], row[j])
        return row[-1]

    names = [compared(normalise(n)) for n in green_factories()["name"][:260]]
    queries, choices = names[:60], names[60:]
    for query, found in zip(queries, nearest(queries, choices, 50, 3)):
        scores = sorted(((200 * subsequence(query, c) / (len(query) + len(c)), -k) for k, c in enumerate(choices)), reverse=True)
        assert found == [(-k, pytest.approx(s, abs=1e-4)) for s, k in scores[:3] if s >= 50]


def test_similar_names_of_one_roster_are_found_and_equal_ones_left_to_others():
    names = ["江苏恒通机械有限公司", "江苏省恒通机械有限责任公司", "大明（集团）食品有限公司", "大明(集团)食品有限公司", "远东机械有限公司", "浙江恒通机械有限公司"]
    assert [(a, b) for a, b, _ in similar_names(names, ["", "", "", "", "大明（集团）食品有限公司", ""])] == [(0, 1), (3, 4)]


names_ = st.builds(lambda p, b, t, f: p + b + t + f, st.sampled_from(["", "江苏", "江苏省", "淮安市"]),
                   st.text(st.sampled_from("恒通远东大明新安"), min_size=2, max_size=4), st.sampled_from(["机械", "（淮安）食品", "集团"]),
                   st.sampled_from(["有限公司", "有限责任公司", "股份有限公司"]))


@settings(max_examples=60)
@given(st.lists(names_, min_size=1, max_size=12, unique=True), st.lists(names_, max_size=8), st.randoms())
def test_every_listed_row_lands_once_whatever_the_order_of_the_roster(own, wanted, random):
    one = match(listed(*wanted), roster(*[(n,) for n in own]))
    assert sorted([*one.held["list_row"], *one.doubtful["list_row"].unique(), *one.unmatched["list_row"]]) == list(range(len(wanted)))
    shuffled = own[:]
    random.shuffle(shuffled)
    other = match(listed(*wanted), roster(*[(n,) for n in shuffled]))
    pairs = [set(zip(m.held["listed_name"], m.held["enterprise"])) for m in (one, other)]
    assert pairs[0] == pairs[1]
    for name, enterprise in pairs[0]:
        a, b = normalise(name), normalise(enterprise)
        assert a.core == b.core and a.branch == b.branch
        assert not set(a.place) or not set(b.place) or set(a.place) & set(b.place)


@settings(max_examples=80)
@given(names_, st.sampled_from([" ", "　", "\u200b"]), st.integers(0, 30))
def test_width_spaces_and_brackets_never_change_the_parts_of_a_name(name, blank, at):
    typed = name.replace("（", "(").replace("）", ")")
    typed = typed[:at] + blank + typed[at:]
    assert normalise(typed) == normalise(name)


@pytest.fixture(scope="module", params=[1, 2, 3])
def real(request):
    """The published list of 2,783 factories against a roster of about 4,900 with the truth known."""
    book = make_roster(request.param)
    found = match(green_factories()[["name"]], book)
    return book, found, {t: r for t, r in zip(book["truth"], book["row"]) if t >= 0}


def test_automatic_matches_of_the_real_list_are_right(real):
    _, found, truth = real
    right = sum(truth.get(k) == row for k, row in zip(found.held["list_row"], found.held["row"]))
    assert right / len(found.held) >= 0.995
    assert right / len(truth) >= 0.88


def test_what_is_not_matched_of_the_real_list_is_put_before_a_person(real):
    book, found, truth = real
    kind = dict(zip(book["row"], book["kind"]))
    held = set(zip(found.held["list_row"], found.held["row"]))
    seen = held | set(zip(found.doubtful["list_row"], found.doubtful["row"]))
    lost = [pair for pair in truth.items() if pair not in seen]
    assert len(lost) <= 0.01 * len(truth)
    # One wrong character is never settled by machine; width, brackets and spaces always are.
    assert not [pair for pair in held if truth.get(pair[0]) == pair[1] and kind[pair[1]] == "错一字"]
    plain = [pair for pair in truth.items() if kind[pair[1]] in ("不变", "全半角", "括号", "空格")]
    assert len(set(plain) & held) >= 0.99 * len(plain)


def test_the_pile_for_a_person_stays_small(real):
    _, found, truth = real
    assert found.doubtful["list_row"].nunique() <= 0.18 * 2783
    assert found.doubtful.groupby("list_row").size().max() <= 3
