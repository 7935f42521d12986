"""Names of documents: legal, different, and the same when the conversation goes on."""

from hypothesis import given
from hypothesis import strategies as st

from proxy.local.conversation_rules import DOCUMENT_NAME
from translators.chat.adjustments import Adjustments
from translators.chat.documents import DocumentNames, legal

filenames = st.lists(st.text(max_size=300) | st.sampled_from(["", "a.pdf", "a.txt", "a (2).pdf", "ä.pdf"]))


def names(files: list[str]) -> list[str]:
    made = DocumentNames(Adjustments())
    return [made.legal(each, "pdf", "p") for each in files]


def test_what_is_legal_stays() -> None:
    table = {
        "report.pdf": "report",
        "report.v2.pdf": "report v2",
        "C:\\Users\\me\\my  report_[1] (final)-2.PDF": "my report_[1] (final)-2",
        "archive.tar.gz": "archive tar gz",
        "Übersicht.pdf": "Ubersicht",
        "отчёт 2024.pdf": "2024",
        "отчёт.pdf": "document",
        "": "document",
        ".pdf": "document",
        "\t\u3000.pdf": "document",
    }

    assert {name: legal(name, "pdf") for name in table} == table


@given(filenames)
def test_every_name_is_legal_and_no_other_has_it(files: list[str]) -> None:
    made = names(files)

    assert all(DOCUMENT_NAME.fullmatch(name) and len(name) <= 200 for name in made)
    assert len(set(made)) == len(made)


@given(filenames, filenames)
def test_names_stay_when_more_follows(files: list[str], more: list[str]) -> None:
    assert names(files + more)[: len(files)] == names(files)


def test_only_a_name_that_the_user_gave_is_told_to_have_changed() -> None:
    adjusted = Adjustments()
    made = DocumentNames(adjusted)
    for number, name in enumerate(["a.pdf", "", "", "b.v2.pdf", "a.pdf"]):
        made.legal(name, "pdf", str(number))

    assert [each.field for each in adjusted.made()] == ["4"]
