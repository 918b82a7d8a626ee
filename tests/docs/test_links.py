"""Every link leads somewhere: to a file that is there, to a heading that it has, or to a whole address outside."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, ROOT, name, prose

LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^()\s]+)\)")
LINKS = [
    (page, *match.groups()) for page in PAGES for match in LINK.finditer(re.sub(r"`[^`\n]*`", "code", prose(page)))
]
INSIDE = [link for link in LINKS if "://" not in link[3]]


def anchors(page: Path) -> set[str]:
    """What its headings are called in an address, as GitHub forms it."""
    headings = re.findall(r"^#{1,6} +(.+?) *$", prose(page), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("link", INSIDE, ids=[f"{name(page)} {target}" for page, _, _, target in INSIDE])
def test_a_link_inside_leads_to_what_is_there(link: tuple[Path, str, str, str]) -> None:
    page, _, _, target = link
    path, _, anchor = target.partition("#")
    place = (page.parent / path).resolve() if path else page
    assert place.is_relative_to(ROOT)
    assert place.exists()
    if anchor:
        assert anchor in anchors(place)


def test_links_outside_are_whole_and_secure() -> None:
    outside = [(name(page), target) for page, _, _, target in LINKS if "://" in target]
    assert outside
    assert [
        link for link in outside if not re.fullmatch(r"https://[\w.-]+\.\w+(/[\w.,/?&=%+~-]*(#[\w.-]+)?)?", link[1])
    ] == []


def test_a_picture_says_what_it_shows() -> None:
    pictures = [link for link in LINKS if link[1]]
    assert pictures
    assert [name(page) for page, _, words, _ in pictures if len(words.split()) < 2] == []


def test_the_three_that_matter_are_one_click_from_the_first_screen() -> None:
    for page, folder in ((ROOT / "README.md", "docs/"), (ROOT / "docs" / "index.md", "")):
        screen = "\n".join(page.read_text(encoding="utf-8").splitlines()[:26])
        for place in ("guarantees.md", "loss-benchmark.md", "deploy.md#watching-it"):
            assert f"]({folder}{place})" in screen, f"{name(page)}: {place}"
