"""The commits between two revisions: all of them, whatever was fetched and whatever is set."""

from __future__ import annotations

import random
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from pytest_flowcorpus.source import GitSource, SourceUnavailable, Worktree

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from pytest_flowcorpus.source import Commit, History
    from tests.source.conftest import Origin, Ssh

FIRST_DAY = 19_000
"""In 2022, as days of Unix time."""


@dataclass
class Upstream:
    """A repository whose commits are made one by one, with any parents and dates."""

    origin: Origin
    cache: Path
    made: list[str] = field(default_factory=list)

    def commit(
        self,
        files: dict[str, str],
        parents: Sequence[str] | None = None,
        subject: str | bytes | None = None,
        day: int | None = None,
        branch: str = "main",
    ) -> str:
        """Commit `files` and nothing else, a day after the last commit; gives the sha."""
        number = len(self.made)
        told = subject if isinstance(subject, bytes) else (subject or f"c{number}").encode()
        date = (FIRST_DAY + number if day is None else day) * 86_400
        lines = [b"reset refs/heads/%s" % branch.encode()]
        lines += [b"commit refs/heads/%s" % branch.encode(), b"mark :1"]
        lines += [b"committer a <a@b> %d +0000" % date, b"data %d" % len(told), told]
        before = self.made[-1:] if parents is None else parents
        words = (b"from", *[b"merge"] * len(before))
        lines += [b"%s %s" % (word, sha.encode()) for word, sha in zip(words, before, strict=False)]
        lines.append(b"deleteall")
        for path, text in files.items():
            name = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
            lines += [b'M 100644 inline "%s"' % name.encode(), b"data %d" % len(text.encode())]
            lines.append(text.encode())
        stream = b"\n".join([*lines, b"get-mark :1", b""])
        sha = self.origin.git("fast-import", "--quiet", "--cat-blob-fd=1", "--force", data=stream)
        self.made.append(sha)
        return sha

    def commits(self, count: int) -> list[str]:
        """Commit that many times, each with another body of `a.rs`."""
        return [self.commit({"a.rs": f"fn a() {{\n    {n}\n}}\n"}) for n in range(count)]

    def open(self, sha: str, url: str | None = None) -> GitSource:
        return GitSource.open(url or self.origin.url, sha, cache=self.cache)

    def history(self, old: str, new: str, url: str | None = None) -> History:
        """Open both revisions, the new one first, and ask for what lies between them."""
        source = self.open(new, url)
        self.open(old, url).close()
        try:
            return source.since(old)
        finally:
            source.close()

    def there(self) -> set[str]:
        """Give the commits that the cache has."""
        (folder,) = self.cache.glob("*.git")
        return set(self.origin.git("--git-dir", folder, "rev-list", "--all").split())

    def truth(self, old: str, new: str) -> tuple[int, int]:
        """Count what only the new one has, and what only the old, where nothing is cut off."""
        ahead, behind = (
            self.origin.git("rev-list", "--count", f"{one}..{other}")
            for one, other in ((old, new), (new, old))
        )
        return int(ahead), int(behind)


@pytest.fixture
def upstream(origin: Origin, cache: Path) -> Upstream:
    return Upstream(origin, cache)


def subjects(commits: Sequence[Commit]) -> list[str]:
    return [one.subject for one in commits]


def refusal(ask: Callable[[], object]) -> str:
    with pytest.raises(SourceUnavailable) as caught:
        ask()
    text = str(caught.value)
    assert text.isprintable()
    return text


def test_a_shallow_cache_is_deepened_as_far_as_it_takes_and_not_believed(
    upstream: Upstream,
) -> None:
    shas = upstream.commits(9)
    history = upstream.history(shas[5], shas[8])
    assert history.distance == (3, 0)
    assert subjects(history.touching("a.rs", (1, 3))) == ["c8", "c7", "c6"]
    assert shas[0] not in upstream.there()


def test_a_commit_is_told_with_its_full_sha_and_day(upstream: Upstream) -> None:
    shas = upstream.commits(2)
    (commit,) = upstream.history(*shas).touching("a.rs", (1, 3))
    assert (commit.sha, commit.date, commit.subject) == (shas[1], "2022-01-09", "c1")


def test_what_is_there_once_needs_no_remote(upstream: Upstream) -> None:
    shas = upstream.commits(5)
    upstream.history(shas[1], shas[4])
    shutil.rmtree(upstream.origin.folder)
    assert upstream.history(shas[1], shas[4]).distance == (3, 0)
    assert upstream.history(shas[2], shas[4]).distance == (2, 0)


def test_an_old_branch_that_was_merged_late_is_fetched_wholly(upstream: Upstream) -> None:
    first = upstream.commit({"a.rs": "1\n"}, day=18_000)
    side = upstream.commit({"a.rs": "1\n", "b.rs": "b\n"}, [first], day=18_001, branch="side")
    older = upstream.commit({"a.rs": "2\n"}, [first], day=19_000)
    merge = upstream.commit({"a.rs": "2\n", "b.rs": "b\n"}, [older, side], day=19_001)
    history = upstream.history(older, merge)
    assert history.distance == upstream.truth(older, merge) == (2, 0)
    assert upstream.there() == set(upstream.made)
    assert [one.sha for one in history.touching("b.rs", (1, 1))] == [side]


def test_a_merge_is_told_only_where_its_lines_are_those_of_neither_side(
    upstream: Upstream,
) -> None:
    base = upstream.commit({"a.rs": "1\n2\n3\n4\n5\n"})
    left = upstream.commit({"a.rs": "one\n2\n3\n4\n5\n"}, [base])
    right = upstream.commit({"a.rs": "1\n2\n3\n4\nfive\n"}, [base], branch="side")
    clean = upstream.commit({"a.rs": "one\n2\n3\n4\nfive\n"}, [left, right])
    history = upstream.history(base, clean)
    assert [one.sha for one in history.touching("a.rs", (1, 2))] == [left]
    assert [one.sha for one in history.touching("a.rs", (4, 5))] == [right]
    assert {one.sha for one in history.touching("a.rs", (1, 5))} == {left, right, clean}
    evil = upstream.commit({"a.rs": "one\n2\nthree\n4\nfive\n"}, [left, right], branch="evil")
    told = upstream.history(base, evil).touching("a.rs", (1, 5))
    assert {one.sha for one in told} == {left, right, evil}
    assert told[0].sha == evil


def test_an_old_revision_that_is_no_ancestor_is_told_by_both_counts(upstream: Upstream) -> None:
    base = upstream.commit({"a.rs": "1\n"})
    old = upstream.commit({"a.rs": "2\n"}, [base], branch="release")
    upstream.commit({"a.rs": "3\n"}, [base])
    new = upstream.commit({"a.rs": "4\n"})
    history = upstream.history(old, new)
    assert history.distance == (2, 1)
    assert subjects(history.touching("a.rs", (1, 1))) == ["c3", "c2"]


def test_two_revisions_without_a_common_ancestor_have_a_distance(upstream: Upstream) -> None:
    old = upstream.commit({"a.rs": "1\n"}, [], branch="other")
    new = upstream.commit({"a.rs": "2\n"}, [])
    assert upstream.history(old, new).distance == (1, 1)


def test_going_back_finds_no_commits_and_says_how_far_back(upstream: Upstream) -> None:
    shas = upstream.commits(4)
    history = upstream.history(shas[3], shas[0])
    assert history.distance == (0, 3)
    assert history.touching("a.rs", (1, 3)) == ()
    assert history.removing("a.rs", "3") == ()


def test_nothing_lies_between_a_revision_and_itself(upstream: Upstream) -> None:
    sha = upstream.commits(2)[1]
    history = upstream.history(sha, sha)
    assert history.distance == (0, 0)
    assert history.touching("a.rs", (1, 3)) == ()
    assert history.removing("a.rs", "fn a()") == ()


def test_a_third_revision_that_is_opened_cuts_nothing_off(upstream: Upstream) -> None:
    shas = upstream.commits(6)
    history = upstream.history(shas[1], shas[5])
    upstream.open(shas[3]).close()
    assert subjects(history.touching("a.rs", (1, 3))) == ["c5", "c4", "c3", "c2"]
    assert history.distance == (4, 0)


def test_asking_for_less_history_cuts_nothing_off(upstream: Upstream) -> None:
    shas = upstream.commits(8)
    history = upstream.history(shas[1], shas[5])
    upstream.open(shas[7]).close()
    assert upstream.history(shas[6], shas[7]).distance == (1, 0)
    assert subjects(history.touching("a.rs", (1, 3))) == ["c5", "c4", "c3", "c2"]
    assert history.distance == (4, 0)


def test_a_revision_in_a_known_history_is_opened_without_the_remote(upstream: Upstream) -> None:
    shas = upstream.commits(5)
    upstream.history(shas[0], shas[4])
    shutil.rmtree(upstream.origin.folder)
    source = upstream.open(shas[2])
    assert b" 2\n" in source.read("a.rs").data
    source.close()


def test_a_remote_that_is_shallow_itself_is_not_believed_either(
    upstream: Upstream, tmp_path: Path
) -> None:
    shas = upstream.commits(6)
    copy = tmp_path / "copy.git"
    upstream.origin.git("clone", "-q", "--bare", "--depth=4", f"file://{upstream.origin.url}", copy)
    assert upstream.history(shas[3], shas[5], str(copy)).distance == (2, 0)
    old = upstream.commit({"a.rs": "side\n"}, [shas[0]], branch="side")
    upstream.origin.git("-C", copy, "fetch", "-q", "--depth=1", upstream.origin.url, old)
    upstream.origin.git("-C", copy, "update-ref", "refs/heads/side", old)
    text = refusal(lambda: upstream.history(old, shas[5], str(copy)))
    assert f"{old[:12]}..{shas[5][:12]}: the remote has cut its history" in text


@pytest.mark.parametrize("day", [0, 1, 2])
def test_commits_of_the_first_days_of_unix_time_are_fetched(upstream: Upstream, day: int) -> None:
    old = upstream.commit({"a.rs": "1\n"}, day=day)
    new = upstream.commit({"a.rs": "2\n"}, day=day)
    assert upstream.history(old, new).distance == (1, 0)


def grown(upstream: Upstream, chance: random.Random, skews: Sequence[int]) -> None:
    """Commit a graph of branches and merges, with clocks that are wrong by some of these days."""
    for number in range(14):
        count = min(number, chance.choice((1, 1, 1, 2, 3)))
        parents = chance.sample(upstream.made[-6:], count)
        day = FIRST_DAY + number * 10 + chance.choice(skews)
        upstream.commit({"a.rs": f"{number}\n"}, parents, day=day)


@pytest.mark.parametrize("seed", range(6))
def test_whatever_the_graph_nothing_is_missing(upstream: Upstream, seed: int) -> None:
    chance = random.Random(seed)
    grown(upstream, chance, (0,))
    for _ in range(3):
        old, new = chance.sample(upstream.made, 2)
        upstream.origin.git("update-ref", "refs/heads/old", old)
        upstream.origin.git("update-ref", "refs/heads/new", new)
        history = upstream.history(old, new)
        assert history.distance == upstream.truth(old, new)
        told = {one.sha for one in history.touching("a.rs", (1, 1))}
        assert told <= set(upstream.origin.git("rev-list", f"{old}..{new}").split())


@pytest.mark.parametrize("seed", range(8))
def test_clocks_that_are_wrong_keep_no_commit_back(upstream: Upstream, seed: int) -> None:
    chance = random.Random(seed)
    grown(upstream, chance, (0, 0, 0, -300, 300))
    old, new = chance.sample(upstream.made, 2)
    upstream.origin.git("update-ref", "refs/heads/old", old)
    upstream.origin.git("update-ref", "refs/heads/new", new)
    (ahead, behind), (least_ahead, least_behind) = (
        upstream.history(old, new).distance,
        upstream.truth(old, new),
    )
    assert ahead >= least_ahead
    assert behind >= least_behind


@pytest.mark.parametrize(
    ("subject", "told"),
    [
        ("\x1b[31mred\x1b]0;title\x07", "\\x1b[31mred\\x1b]0;title\\x07"),
        ("\u202eturned\u200b", "\\u202eturned\\u200b"),
        ("one\ntwo\n\nthe rest", "one two"),
        ("a\ttab\rand more", "a\\ttab\\rand more"),
        ("\n\n  late  \n", "late"),
        ("see https://me:secret@example.org/x", "see https://example.org/x"),
        ("100 % %H %x00 --all", "100 % %H %x00 --all"),
        ("ünïcode ✓", "ünïcode ✓"),
        ("x" * 5000, "x" * 5000),
        (" ", ""),
    ],
)
def test_a_subject_is_one_line_that_acts_on_no_terminal(
    upstream: Upstream, subject: str, told: str
) -> None:
    old = upstream.commits(2)[0]
    new = upstream.commit({"a.rs": "fn b() {}\n"}, subject=subject)
    commits = upstream.history(old, new).touching("a.rs", (1, 1))
    assert commits[0].subject == told
    assert [one.sha for one in commits] == upstream.made[:0:-1]


def test_a_subject_that_is_no_utf8_leaves_the_others_readable(upstream: Upstream) -> None:
    old = upstream.commits(1)[0]
    upstream.commit({"a.rs": "fn b() {}\n"}, subject=b"caf\xe9")
    new = upstream.commit({"a.rs": "fn c() {}\n"}, subject="café")
    told = subjects(upstream.history(old, new).touching("a.rs", (1, 1)))
    assert told[0] == "café"
    assert told[1].startswith("caf")
    assert told[1].isprintable()


PATHS = (
    *("with space.rs", "a:b.rs", ":c.rs", ":(top)a.rs", ":!a.rs", ":/a.rs", "*.rs", "?.rs"),
    *("[ab].rs", "src/**/a.rs", "-a.rs", "--output=a.rs", "--all/a.rs", 'quote".rs', "back\\.rs"),
    *("ünï.rs", "new\nline.rs", "a\tb.rs", "#a.rs", "{a,b}.rs", "$HOME.rs", "^a.rs", "1,2:a.rs"),
)


@pytest.mark.parametrize("path", PATHS)
def test_any_path_means_that_file_alone(upstream: Upstream, path: str) -> None:
    others = {"a.rs": "fn a() {}\n", "b.rs": "fn a() {}\n", "src/a.rs": "fn a() {}\n"}
    old = upstream.commit({**others, path: "fn old() {}\n"})
    own = upstream.commit({**others, path: "fn new() {}\n"})
    changed = {name: text.replace("()", "(new)") for name, text in others.items()}
    new = upstream.commit({**changed, path: "fn new() {}\n"})
    history = upstream.history(old, new)
    assert [one.sha for one in history.touching(path, (1, 1))] == [own]
    assert [one.sha for one in history.removing(path, "new")] == [own]
    assert [one.sha for one in history.removing(path, "old")] == [own]


@pytest.mark.parametrize("lines", [(4, 4), (900, 999)])
def test_lines_that_the_file_does_not_have_are_an_error_in_one_line(
    upstream: Upstream, lines: tuple[int, int]
) -> None:
    shas = upstream.commits(2)
    history = upstream.history(*shas)
    text = refusal(lambda: history.touching("a.rs", lines))
    assert f"{shas[0][:12]}..{shas[1][:12]}: git failed" in text
    assert "has only 3 lines" in text


def test_of_lines_that_go_on_behind_the_file_those_count_that_it_has(upstream: Upstream) -> None:
    assert subjects(upstream.history(*upstream.commits(2)).touching("a.rs", (2, 9))) == ["c1"]


def test_a_path_that_is_not_there_is_an_error_in_one_line(upstream: Upstream) -> None:
    history = upstream.history(*upstream.commits(2))
    assert "no path none.rs" in refusal(lambda: history.touching("none.rs", (1, 1)))
    assert history.removing("none.rs", "x") == ()


def test_the_newest_twenty_are_told(upstream: Upstream) -> None:
    shas = upstream.commits(24)
    told = upstream.history(shas[0], shas[-1]).touching("a.rs", (1, 3))
    assert [one.sha for one in told] == shas[:-21:-1]


def test_lines_are_followed_back_while_they_wander(upstream: Upstream) -> None:
    old = upstream.commit({"a.rs": "fn a() { 1 }\n"})
    own = upstream.commit({"a.rs": "fn a() { 2 }\n"})
    upstream.commit({"a.rs": "// above\n// above\nfn a() { 2 }\n// below\n"})
    new = upstream.commit({"a.rs": "// above\n// other\nfn a() { 2 }\n"})
    history = upstream.history(old, new)
    assert [one.sha for one in history.touching("a.rs", (3, 3))] == [own]


@pytest.mark.parametrize(
    "text",
    [
        "fn a(.*)",
        "-x",
        "--all",
        "a\\b",
        "'\"$(x)`",
        "ü",
        "[",
        "fn a() {",
        "a\nb",
        "<T>",
        " x ",
        "%",
    ],
)
def test_a_removed_text_is_taken_as_it_stands(upstream: Upstream, text: str) -> None:
    old = upstream.commit({"a.rs": f"// one\n{text}\n// two\n"})
    upstream.commit({"a.rs": f"// uno\n{text}\n// two\n"})
    own = upstream.commit({"a.rs": "// uno\n// two\n"})
    new = upstream.commit({"a.rs": "// uno\n// due\n"})
    assert [one.sha for one in upstream.history(old, new).removing("a.rs", text)] == [own]


@pytest.mark.parametrize(
    "text",
    ["fn a() { '\0' }", "\0", "", f'const A: &str = "{"x" * 300_000}";'],
    ids=["a NUL", "a NUL alone", "nothing", "a long line"],
)
def test_a_removed_text_that_no_command_takes_is_looked_for_as_far_as_it_can_be(
    upstream: Upstream, text: str
) -> None:
    old = upstream.commit({"a.rs": f"{text}\n"})
    own = upstream.commit({"b.rs": "fn b() {}\n"})
    told = upstream.history(old, own).removing("a.rs", text)
    assert [one.sha for one in told] == ([own] if text.strip("\0") else [])


def test_a_removed_text_went_with_its_file_too(upstream: Upstream) -> None:
    old = upstream.commit({"a.rs": "fn a() {}\n", "c.rs": "fn c() {}\n"})
    own = upstream.commit({"b.rs": "fn a() {}\n", "c.rs": "fn c() {}\n"})
    new = upstream.commit({"b.rs": "fn a() {}\n"})
    assert [one.sha for one in upstream.history(old, new).removing("a.rs", "fn a()")] == [own]


TRAP = "#!/bin/sh\ntouch '{trap}'\ncat \"$1\" 2>/dev/null\nexit 0\n"
SETTINGS = """
[log]
    showSignature = true
    follow = true
    date = relative
    decorate = full
    mailmap = true
    showRoot = false
    diffMerges = first-parent
[gpg]
    program = {program}
[diff]
    external = {program}
    orderFile = /nowhere/order
    renames = copies
    noprefix = true
    mnemonicPrefix = true
    algorithm = patience
    context = 0
[diff "trap"]
    textconv = {program}
    command = {program}
[core]
    attributesFile = {attributes}
    pager = {program}
    quotePath = true
    commitGraph = false
[pager]
    log = {program}
[color]
    ui = always
    diff = always
[format]
    pretty = fuller
[i18n]
    logOutputEncoding = UTF-16
    commitEncoding = ISO-8859-1
[alias]
    log = !{program}
    rev-list = !{program}
"""


def signed(upstream: Upstream) -> str:
    """Put a signature, which is none, on the last commit."""
    raw = upstream.origin.git("cat-file", "commit", "main")
    head, _, message = raw.partition("\n\n")
    mark = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----"
    data = f"{head}\n{mark}\n\n{message}".encode()
    sha = upstream.origin.git("hash-object", "-t", "commit", "-w", "--stdin", data=data)
    upstream.origin.git("update-ref", "refs/heads/main", sha)
    upstream.made[-1] = sha
    return sha


@pytest.fixture
def trap(tmp_path: Path, gitconfig: Path) -> Callable[[], Path]:
    """Give what sets a trap for whoever runs what the user's git settings name."""

    def set_it() -> Path:
        trap, program, attributes = (tmp_path / name for name in ("trap", "program", "attributes"))
        program.write_text(TRAP.format(trap=trap))
        program.chmod(0o755)
        attributes.write_text("* diff=trap\n")
        settings = SETTINGS.format(program=program, attributes=attributes)
        gitconfig.write_text(gitconfig.read_text() + settings)
        return trap

    return set_it


def test_what_a_user_has_set_is_neither_run_nor_changes_what_is_told(
    upstream: Upstream, trap: Callable[[], Path]
) -> None:
    old = upstream.commit({"a.rs": "fn a() {}\n"})
    upstream.commit({"a.rs": "fn a() {}\nfn x() {}\n"}, subject="ü ✓")
    upstream.commit({"b.rs": "fn a() {}\nfn x() {}\n"}, subject="renamed")
    upstream.commit({"b.rs": "fn a() { 1 }\nfn x() {}\n"})
    new = signed(upstream)

    def told() -> tuple[object, ...]:
        shutil.rmtree(upstream.cache, ignore_errors=True)
        history = upstream.history(old, new)
        asked = [history.removing(path, "fn x()") for path in ("a.rs", "b.rs")]
        return history.distance, history.touching("b.rs", (1, 1)), *asked

    before, trapped = told(), trap()
    assert told() == before
    assert not trapped.exists()
    assert "renamed" in str(before)
    (folder,) = upstream.cache.glob("*.git")
    upstream.origin.git(
        "--git-dir", folder, "-c", "diff.orderFile=/dev/null", "log", "-p", "--ext-diff", new
    )
    assert trapped.exists(), "a trap that nothing sets off shows nothing"


def test_what_a_user_has_set_for_paths_is_not_taken_for_these(
    upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_LITERAL_PATHSPECS", "1")
    shas = upstream.commits(2)
    history = upstream.history(*shas)
    assert subjects(history.touching("a.rs", (1, 3))) == ["c1"]
    assert subjects(history.removing("a.rs", " 0\n")) == ["c1"]


@pytest.fixture
def behind(upstream: Upstream, ssh: Ssh) -> tuple[str, str]:
    """Two commits that are open, with more history between them than ssh.py's part of an answer."""
    noise = random.Random(0)
    for number in range(3):
        upstream.commit({"a.rs": f"{number}\n", "noise": noise.randbytes(200_000).hex()})
    ssh.tell("pass")
    for sha in (upstream.made[2], upstream.made[0]):
        GitSource.open(upstream.origin.ssh_url, sha, cache=upstream.cache).close()
    return upstream.made[0], upstream.made[2]


def test_a_fetch_that_fails_half_way_is_told_and_the_next_one_does_it(
    upstream: Upstream, ssh: Ssh, behind: tuple[str, str]
) -> None:
    old, new = behind
    source = GitSource.open(upstream.origin.ssh_url, new, cache=upstream.cache, patience=3)
    ssh.tell("stall")
    assert "git said nothing for 3 s" in refusal(lambda: source.since(old))
    ssh.release()
    assert source.read("a.rs").data == b"2\n"
    ssh.tell("pass")
    assert source.since(old).distance == (2, 0)
    source.close()


def test_the_locks_of_a_fetch_that_was_killed_are_in_nobodys_way(upstream: Upstream) -> None:
    shas = upstream.commits(4)
    source = upstream.open(shas[3])
    upstream.open(shas[0]).close()
    (folder,) = upstream.cache.glob("*.git")
    (folder / "shallow.lock").touch()
    assert source.since(shas[0]).distance == (3, 0)
    source.close()


def test_without_the_remote_the_history_is_refused_and_the_files_are_not(
    upstream: Upstream,
) -> None:
    shas = upstream.commits(3)
    source = upstream.open(shas[2])
    upstream.open(shas[0]).close()
    shutil.rmtree(upstream.origin.folder)
    assert "not a git repository" in refusal(lambda: source.since(shas[0]))
    assert source.read("a.rs").data
    source.close()


def test_a_revision_that_was_never_opened_is_refused(upstream: Upstream) -> None:
    shas = upstream.commits(2)
    source = upstream.open(shas[1])
    assert "git failed" in refusal(lambda: source.since("0" * 40))
    source.close()


def test_what_is_on_disk_has_no_history(tmp_path: Path) -> None:
    text = refusal(lambda: Worktree(tmp_path).since("a" * 40))
    assert "a checkout, and of no commit since aaaaaaaaaaaa" in text
