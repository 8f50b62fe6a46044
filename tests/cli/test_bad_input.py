"""Bad input: one clear line that names the place and the remedy, the right status, nothing half-written."""

from __future__ import annotations

import errno
import gc
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from derive.cli.main import run
from derive.rendering import tex

ROOT = Path(__file__).parents[2]
NORM = (ROOT / "derive/problems/bn_backward.py").read_text(encoding="utf-8")
HEAD = """\
from derive.language import *
m, n = size("m"), size("n")
i, j, k, p = index("i", m), index("j", m), index("k", m), index("p", n)
x, y, z, f, mu = tensor("x", i), tensor("y", i), tensor("z", p), scalar("f"), scalar("mu")
dy = d(f, y)
"""
MINE = (
    HEAD
    + """\
PROBLEM = Problem(id="mine", title="Mine", statement="Take $x[i]$.",
    program=Program((Equation(mu, 1 / m * Sum(j, x[j])), Equation(y[i], x[i] - mu)), loss=f, through=y),
    questions=(Question("x", Gradient(x)),))
"""
)
MEAN, OUT, ASKED = "Sum(j, x[j])", "Equation(y[i], x[i] - mu)", 'Question("x", Gradient(x))'
STATEMENT = 'statement="Take $x[i]$."'


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    yield
    gc.enable()


def refused(capsys: pytest.CaptureFixture[str], *words: str, status: int = 2) -> str:
    """The one line that a command says before it fails with this status and writes nothing."""
    before = sorted(Path().rglob("*"))
    assert run(list(words)) == status
    out, error = capsys.readouterr()
    assert out == ""
    assert error.startswith("derive: ")
    assert error.count("\n") == 1
    assert len(error) < 700
    assert "fault of ours" not in error
    assert sorted(Path().rglob("*")) == before
    return error.strip()


def mine(*changes: tuple[str, str]) -> str:
    source = MINE
    for old, new in changes:
        assert source.count(old) == 1
        source = source.replace(old, new)
    return source


FILES = {
    "syntax error": (HEAD + "y = = 2\n", "mine.py:6: invalid syntax, in: y = = 2"),
    "never closed": ("x = (1,\n", "mine.py:1: '(' was never closed"),
    "a null byte": ("\0", "mine.py: source code string cannot contain null bytes"),
    "unbound index": (mine((MEAN, "x[k]")), "mine.py:7: the equation for mu: x[k] is read, but k is not bound. Sum"),
    "captured index": (mine((OUT, "Equation(y[i], Sum(i, x[i]))")),
                       "mine.py:7: the equation for y: the sum over i capt"),
    "shadowed index": (mine((MEAN, "Sum(j, Sum(j, x[j]))")),
                       "mine.py:7: the equation for mu: a sum over j stands inside"),
    "another range": (mine((MEAN, "Sum(p, x[p])")), "mine.py:7: the equation for mu: x[p] is read with p, whose range"),
    "axes": (mine((MEAN, "Sum(j, x[j, j])")), "mine.py:7: x has 1 axes but is read with 2 indices"),
    "no indices": (mine((MEAN, "x")), "mine.py:7: x stands without its indices; write x[i]"),
    "an entry that is not there": (mine((MEAN, "x[0]")), "mine.py:7: the equation for mu: x[0] lies outside x, whose"),
    "defined twice": (mine((OUT, OUT + ", " + OUT)),
                      "y is defined twice; give the second definition a name of its own"),
    "read before": (mine(("Equation(mu, 1 / m * Sum(j, x[j])), ", ""), (OUT, OUT + ", Equation(mu, Sum(j, x[j]))")),
                    "y reads mu before it is defined; move that equation up"),
    "defined by itself": (mine((OUT, "Equation(y[i], y[i] - mu)")), "y is defined by itself"),
    "division by zero": (mine((OUT, "Equation(y[i], x[i] / 0)")), "mine.py:7: the equation for y: it divides by zero"),
    "a float": (mine(("1 / m", "0.5 / m")),
                "mine.py:7: 0.5 cannot stand in a formula; write numbers as int or Fraction"),
    "a nesting": ("from functools import reduce\n"
                  + mine((OUT, "Equation(y[i], reduce(lambda a, _: a * a + mu, range(9999), x[i]))")),
                  "an expression nests too deeply"),
    "ids twice": (mine((ASKED + ",", f"{ASKED}, {ASKED}")), "mine: the id 'x' is used twice"),
    "asks nothing": (mine((ASKED + ",", "")), "the problem asks nothing"),
    "asks about another": (mine(("Gradient(x)", "Gradient(z)")), "part 'x' asks about z, which the program lacks"),
    "asks about the loss": (mine(("Gradient(x)", "Gradient(f)")), "a derivative by f, which is the loss itself"),
    "asks about a size": (mine(("Gradient(x)", "Gradient(m)")), "a derivative by m, which is a whole number"),
    "a text for a tensor": (mine(("Gradient(x)", 'Gradient("x")')),
                            "mine.py:8: Gradient: by is 'x'; it must be a tensor"),
    "no tuple": (mine((f"({ASKED},)", ASKED)), "questions is a Question; it must be a tuple of Question"),
    "a number as id": (mine(('id="mine"', "id=3")), "mine.py:6: Problem: id is 3; it must be a text"),
    "a path as id": (mine(('id="mine"', 'id="../mine"')), "the id '../mine' names the files"),
    "a long id": (mine(('id="mine"', 'id="m" * 999')), "names the files"),
    "half a character": (mine(('title="Mine"', r'title="\ud800"')), "title is '\\ud800'; it must be a text"),
    "unknown argument": (mine(("title=", "titel=")), "mine.py:6: TypeError: Unexpected keyword argument 'titel'"),
    "no loss": (mine((", through=y", "")), "no equation defines the loss f; add one, or say through="),
    "loss through an input": (mine(("through=y", "through=x")), "taken through x, which no equation defines"),
    "misspelled in prose": (mine(("$x[i]$", "$xx[i]$")), "column 7: 'xx' is not a name in mine. Did you mean 'x'?"),
    "open dollar": (mine(("$x[i]$", "$x[i]")), "a $ is not closed"),
    "same name twice": (mine(('scalar("mu")', 'scalar("x")')), "x is defined by itself"),
    "name that cannot be typed": (mine(('scalar("mu")', 'scalar("a b")')), "'a b' cannot be typed as one word"),
    "instance of another": (mine((STATEMENT, STATEMENT + ', instance={"xx": 3}')),
                            "the instance gives 'xx', which the program does not take. Did you mean 'x'?"),
    "instance with a float": (mine((STATEMENT, STATEMENT + ', instance={"x": (0.5,)}')),
                              "the number 0.5; write exact ones"),
    "instance incomplete": (mine((STATEMENT, STATEMENT + ', instance={"x": (1, 2)}')), "gives no value for df/dy"),
    "mistake without remark": (
        mine((STATEMENT, STATEMENT + ', mistakes=(Mistake("a", "x", "", "", "", form=dy[i], breaks="no"),)')),
        "mistake a breaks 'no', which is no remark"),
    "mistake at numbers of another": (
        mine((STATEMENT, STATEMENT + ', mistakes=(Mistake("a", "x", "", "", "", form=dy[i], at={"xx": 3}),)')),
        "the instance of mistake a gives 'xx', which the program does not take. Did you mean 'x'?"),
    "mistake at a float": (
        mine((STATEMENT, STATEMENT + ', mistakes=(Mistake("a", "x", "", "", "", form=dy[i], at={"x": (0.5,)}),)')),
        "the instance of mistake a gives x the number 0.5; write exact ones"),
    "mistake at no numbers": (
        mine((STATEMENT, STATEMENT + ', mistakes=(Mistake("a", "x", "", "", "", form=dy[i], at=3),)')),
        "the instance of mistake a must be a dict such as"),
    "mistake at too few numbers": (
        mine((STATEMENT, STATEMENT + ', mistakes=(Mistake("a", "x", "", "", "", form=dy[i], at={"x": (1, 2)}),)')),
        "mistake a, at its own instance: mine: the worked instance gives no value for df/dy"),
    "padding of no entry": (mine((OUT, "Equation(y[i], padded(x))")), "padded takes an entry such as x[i + 1], not x"),
    "no PROBLEM": ("x = 1\n", "defines no PROBLEM; end the file with"),
    "PROBLEM of another type": ("PROBLEM = 3\n", "PROBLEM is of type int; it must be a Problem(...)"),
    "exits": ("raise SystemExit(0)\n", "mine.py:1: SystemExit: 0"),
    "base exception": ("class Odd(BaseException): pass\nraise Odd('x')\n", "mine.py:2: Odd: x"),
    "error without text": ("class Odd(Exception):\n    def __str__(self): 1 / 0\nraise Odd\n", "mine.py:3: Odd"),
    "long error": ("raise ValueError('z' * 100_000)\n", "mine.py:1: ValueError: zzz"),
    "imports itself in a loop": ("from derive.catalogue import load\nload(__file__)\n",
                                 "mine.py:2: mine.py: loads itself"),
    "calls itself": ("def g(): g()\ng()\n", "or a function calls itself"),
    "imports nothing there": ("import nowhere_at_all\n",
                              "mine.py:1: ModuleNotFoundError: No module named 'nowhere_at_all'"),
    "reads the keyboard": ("input()\n", "mine.py:1: "),
}  # fmt: skip


@pytest.mark.parametrize("kind", FILES)
def test_a_wrong_problem_file(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    source, message = FILES[kind]
    Path("mine.py").write_text(source, encoding="utf-8")
    assert message in refused(capsys, "./mine.py", "--format", "tex")


def test_a_good_one_passes(capsys: pytest.CaptureFixture[str]) -> None:
    """So that every message above comes from the one change."""
    Path("mine.py").write_text("print('noise')\n" + MINE, encoding="utf-8")
    assert run(["./mine.py", "--format", "tex", "--oracles", "unrolled", "--json"]) == 0
    out, error = capsys.readouterr()
    assert error == "noise\n"
    assert json.loads(out)["files"] == ["out/mine.tex"]


def test_a_wrong_form_shows_its_counterexample_and_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    Path("mine.py").write_text(mine(("Gradient(x)", "Gradient(x), form=dy[i] + 1 / m * Sum(j, dy[j])")))
    said = refused(capsys, "./mine.py", status=1)
    assert "part 'x': df/dx[i] = df/dy[i] + 1/m*sum(df/dy[j], j) is wrong: at m = 1, i = 1, df/dy = (1)," in said
    assert said.endswith("the left side is 0 but the right side is 2. Nothing was written")
    assert run(["./mine.py", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["error"]["counterexample"] == {
        "sizes": {"m": 1}, "values": {"i": 1, "df/dy": ["1"]}, "left": "0", "right": "2"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("bn_backwards", "no problem has the id 'bn_backwards'. Did you mean 'bn_backward'"),
        ("lst", "Did you mean 'list'?"),
        ("zzz", "There are "),
        ("", "no problem has the id ''. There are"),
        ("bn_backward.py", "there is no file bn_backward.py. Did you mean 'bn_backward'"),
        ("./none.py", "there is no file none.py"),
        ("a" * 5000, "aaa...'. There are"),
        ("./" + "a" * 5000, "cannot be read: File name too long"),
        (".", "no problem has the id '.'"),
        ("./", "is a folder; name a problem file in it"),
        ("/dev/zero", "is larger than 1000000 bytes"),
        ("/dev/null", "defines no PROBLEM"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_an_unknown_problem(name: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert message in refused(capsys, name)


def test_a_file_that_is_no_text(capsys: pytest.CaptureFixture[str]) -> None:
    Path("mine.py").write_bytes(b"# \xe9\n")
    assert "mine.py: is not a text in UTF-8; save it as UTF-8" in refused(capsys, "./mine.py")


NUMBER = 'but a number such as 2, 0.5 or "1/3" is expected'
GIVEN = [
    ('{"m": "4"}', "'m' is a size, so a whole number is expected, not \"4\""),
    ('{"m": 2.5}', "whole number is expected, not 2.5"),
    ('{"m": true}', "whole number is expected, not true"),
    ('{"m": null}', "whole number is expected, not null"),
    ('{"m": 0}', "'m' is 0; it must be from 1 to 10000"),
    ('{"m": -3}', "'m' is -3; it must be from 1"),
    ('{"m": 10001}', "'m' is 10001; it must be from 1 to 10000"),
    ('{"m": 500}', "with m = 500 the worked instance of bn_backward has 1003 numbers"),
    (json.dumps({"x": list(range(10_000))}), "choose sizes with at most 300"),
    ('{"m": 3, "x": [1, 2]}', "'x' has length 2, but m is given as 3"),
    ('{"x": [1, 2], "dy": [1, 2, 3]}', "'dy' has length 3, but m is 2, the length of 'x'"),
    ('{"x": 3}', "'x' is 3, but a list of numbers is expected"),
    ('{"x": {"a": 1}}', "'x' is {\"a\": 1}, but a list of numbers is expected"),
    ('{"x": [[1], [2]]}', f"'x[1]' is [1], {NUMBER}"),
    ('{"x": []}', "'x' is empty; m must be at least 1"),
    ('{"x": %s}' % ("[" * 900 + "]" * 900), "'x[1]' is"),
    ('{"eps": NaN}', "NaN is not a number here"),
    ('{"eps": -Infinity}', "-Infinity is not a number here"),
    ('{"eps": "nan"}', NUMBER),
    ('{"eps": "1/0"}', NUMBER),
    ('{"eps": "1_0"}', NUMBER),
    ('{"eps": 1e400}', "'eps' is 1e400, a number of more than 100 digits"),
    ('{"eps": 1e-400}', "'eps' is 1e-400, a number of more than 100 digits"),
    ('{"eps": -1}', "'eps' is -1; it must not be negative"),
    ('{"eps": 0, "x": [3, 3, 3]}', "bn_backward needs var + eps > 0, but var + eps is 0"),
    ('{"eps": 0, "m": 1}', "bn_backward needs var + eps > 0, but var + eps is 0"),
    ('{"eps": 1, "x": [1, 2]}', "the root is irrational; choose eps and x so that it is rational"),
    ('{"var": 1}', "'var' is computed by bn_backward; give what it is computed from"),
    ('{"gama": 1}', "'gama' is not something bn_backward takes. Did you mean 'gamma'"),
    ('{"m": 4, "m": 5}', "'m' is given twice"),
    ('{"dy": [1], "df/dy": [1]}', "'df/dy' is given twice, once as 'df/dy'"),
    ("[]", 'an object such as {"m": 4} is expected'),
    ("4", "'4' is neither a JSON object such as {\"m\": 4} nor a file"),
    ("", "is empty. An example"),
    ("{'m': 4}", "is not JSON at column 2"),
    ('{"m": 4', "is not JSON at column 8"),
    ("[" * 100_000, "its lists are nested too deeply"),
    ('{"m": 1%s}' % ("0" * 5000), "cannot be read"),
    ("none.json", "'none.json' is neither a JSON object"),
    (".", "cannot be read: Is a directory"),
    ("/dev/zero", "/dev/zero is larger than 1000000 bytes"),
    ("/dev/null", "/dev/null is empty"),
]


@pytest.mark.parametrize(("given", "message"), GIVEN, ids=[given[:30] for given, _ in GIVEN])
def test_wrong_given(given: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(capsys, "bn_backward", "--given", given)
    assert said.startswith("derive: --given: ")
    assert message in said


def test_given_as_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    given = Path("given.json")
    for content, message in [
        (b"\xff\xfe{}", "given.json is not a text in UTF-8"),
        (b'{"m": 4} x', "given.json is not JSON at column 10"),
        (b'{\n"m": 4,\n}', "given.json is not JSON at line 3, column 1"),
        (b" " * 1_000_001, "given.json is larger than 1000000 bytes"),
    ]:
        given.write_bytes(content)
        assert message in refused(capsys, "bn_backward", "--given", "given.json")
    given.write_bytes(b'\xef\xbb\xbf{"m": 2}')
    assert run(["bn_backward", "--given", "given.json", "--format", "tex", "--oracles", "unrolled"]) == 0


def test_logarithms_are_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(capsys, "softmax_cross_entropy", "--given", '{"z": [1, 2]}')
    assert 'write its argument as "log(2)"' in said


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--format", "docx"), "'docx' is no format. There are tex, pdf, typ."),
        (("--format", "texx"), "Did you mean 'tex'"),
        (("--format", " , "), "at least one format is needed: tex, pdf, typ"),
        (("--oracles", "unroled"), "Did you mean 'unrolled'"),
        (("--oracles", ""), "at least one oracle is needed"),
        (("--engine", "word"), "'word' is not one of 'typst', 'latex'. See: derive --help"),
        (("--given",), "requires an argument. See: derive --help"),
        (("--fromat", "tex"), "Did you mean"),
        (("layer_norm",), "unexpected extra argument (layer_norm). See: derive --help"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_wrong_options(words: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert message in refused(capsys, "bn_backward", *words)


def no_room(*words: object, **options: object) -> int:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


LIGHT = ("--format", "tex,typ", "--oracles", "unrolled")


def test_a_full_folder_keeps_the_old_files(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    Path("out").mkdir()
    for suffix in ("tex", "typ"):
        Path(f"out/bn_backward.{suffix}").write_text("old")
    monkeypatch.setattr(Path, "write_bytes", no_room)
    said = refused(capsys, "bn_backward", *LIGHT)
    assert said == "derive: cannot write to out: No space left on device; choose another folder with --out"
    assert {path.read_text() for path in Path("out").iterdir()} == {"old"}


def test_full_temporary_storage(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("derive.rendering.pdf.tempfile.TemporaryDirectory", no_room)
    assert "a disk is full" in refused(capsys, "bn_backward", "--format", "pdf", "--oracles", "unrolled")


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no folder that even root cannot write to")
def test_an_unwritable_folder(capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(capsys, "bn_backward", *LIGHT, "--out", "/proc/here")
    assert "cannot write to /proc/here: " in said
    assert said.endswith("; choose another folder with --out")


@pytest.mark.parametrize("out", ["file", "file/below"])
def test_a_file_is_no_folder(out: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("file").write_text("mine")
    assert f"cannot write to {out}: " in refused(capsys, "bn_backward", *LIGHT, "--out", out)
    assert Path("file").read_text() == "mine"


def test_no_tex_when_asked_for_it(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PATH", "")
    tex.working_engine.cache_clear()
    said = refused(capsys, "bn_backward", "--engine", "latex", "--oracles", "unrolled")
    assert "no working TeX engine found (tried latexmk and pdflatex); install" in said
    assert said.endswith("or leave out --engine latex")


def test_no_torch_when_asked_for_it(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    assert "pip install 'derive[torch]'" in refused(capsys, "bn_backward", "--oracles", "pytorch")


# --- the real command, from outside -----------------------------------------------------------------------------------

COMMAND = [sys.executable, "-m", "derive"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


def shell(line: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", line, "bash", *COMMAND], capture_output=True, text=True, timeout=120, check=False,
        env={**ENVIRONMENT, **more},
    )  # fmt: skip


def test_a_name_that_is_no_text() -> None:
    done = shell("\"$@\" $'\\xff' --json")
    assert done.returncode == 2
    assert "no problem has the id" in json.loads(done.stdout)["error"]["message"]


SOLVE = '"$@" bn_backward --format tex --oracles unrolled'


@pytest.mark.parametrize("more", ["", " --json"])
def test_nobody_reads_the_output(more: str) -> None:
    done = shell(f"{SOLVE}{more} | true; exit ${{PIPESTATUS[0]}}")
    assert (done.returncode, done.stderr) == (0, "")
    done = shell(f"{SOLVE}{more} >&-")
    assert (done.returncode, done.stderr) == (0, "")
    assert shell(f"{SOLVE}{more} 2>&-").returncode == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_the_output_goes_to_a_full_disk() -> None:
    done = shell('"$@" list > /dev/full')
    assert done.returncode == 2
    assert done.stderr == "derive: a disk is full; make room where the output and temporary files go\n"


@pytest.mark.parametrize(
    "more", [{"HOME": "/nonexistent"}, {"XDG_CACHE_HOME": "/proc"}, {"XDG_CACHE_HOME": "/dev/null"}], ids=str
)
def test_no_place_for_a_cache(more: dict[str, str]) -> None:
    done = shell(SOLVE, **more)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("wait", [0.05, 0.4])
def test_interrupted(wait: float) -> None:
    Path("slow.py").write_text("import time\nopen('started', 'w').close()\ntime.sleep(60)\n")
    child = subprocess.Popen([*COMMAND, "./slow.py"], env=ENVIRONMENT, stderr=subprocess.PIPE, text=True)
    wait_for(Path("started").exists)
    time.sleep(wait)
    child.send_signal(signal.SIGINT)
    _, error = child.communicate(timeout=30)
    assert child.returncode == 130
    assert error.strip() == "derive: interrupted; nothing half-written is left"


def wait_for(condition: Callable[[], bool]) -> None:
    for _ in range(600):
        if condition():
            return
        time.sleep(0.05)
    raise TimeoutError
