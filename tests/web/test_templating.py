"""What templates make of texts that are not ours."""

import pytest

from rising_bsm.web.templating import environment

HOSTILE = "</title><script>alert(1)</script>"


@pytest.mark.parametrize(
    "source",
    [
        "{{ text }}",
        "{{ _(text) }}",
        "{{ gettext(text) }}",
        "{{ ngettext(text, text, 2) }}",
        '{{ _("By %(name)s", name=text) }}',
        "{% trans name=text %}By {{ name }}{% endtrans %}",
        "{% trans n=2, name=text %}{{ name }}{% pluralize %}{{ n }} {{ name }}{% endtrans %}",
    ],
)
def test_a_text_is_no_markup_however_it_is_said(source: str) -> None:
    said = environment().from_string(source).render(text=HOSTILE)
    assert "<script" not in said
    assert "&lt;script&gt;" in said


def test_our_own_texts_read_as_they_were_written() -> None:
    template = """{{ _("Don't & won't") }} {% trans n=2 %}{{ n }} day{% pluralize %}{{ n }} days{% endtrans %}"""
    assert environment().from_string(template).render() == "Don&#39;t &amp; won&#39;t 2 days"
