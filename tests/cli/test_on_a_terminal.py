"""What only somebody at a terminal sees: questions, colours, progress."""

from support.author import make_project
from support.program import Program
from support.terminal import on_terminal


def test_questions_are_asked_and_answered(program: Program) -> None:
    with on_terminal(program, "create", "acme.hello") as terminal:
        for question, answer in (("Type", "api"), ("Name that people see", ""), ("What it does", "")):
            terminal.read_until(question)
            terminal.write(f"{answer}\n")
        assert terminal.end() == 0
    assert 'type = "api"' in (program.cwd / "hello" / "pyproject.toml").read_text()


def test_an_interrupt_at_a_question_ends_it_quietly(program: Program) -> None:
    with on_terminal(program, "create", "acme.hello") as terminal:
        terminal.read_until("Type")
        assert terminal.interrupt() == 130
    assert "✗" not in terminal.shown
    assert "Traceback" not in terminal.shown
    assert not (program.cwd / "hello").exists()


def test_a_passphrase_is_not_shown(program: Program) -> None:
    with on_terminal(program, "keys", "generate", "acme", "--passphrase") as terminal:
        terminal.read_until("Passphrase: ")  # the space comes once nothing typed is shown any more
        terminal.write("open sesame\n")
        terminal.read_until("confirmation: ")
        terminal.write("open sesame\n")
        assert terminal.end() == 0
    assert "open sesame" not in terminal.shown


def test_errors_are_red_and_work_shows_that_it_goes_on(program: Program) -> None:
    make_project(program.cwd, code="1 / 0\n")
    with on_terminal(program, "build") as terminal:
        assert terminal.end() == 1
    assert "\x1b[31m✗ The plugin raised ZeroDivisionError" in terminal.shown
    assert "Loading the plugin in the sandbox" in terminal.shown
