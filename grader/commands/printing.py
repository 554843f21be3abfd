"""Print pages as PDF files: one Chromium without a window makes all of them.

We tried WeasyPrint, too (70.0): its layout of grids fails on our pages, and a page takes it 3 s instead of 0.4 s.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator

from grader.errors import UsageError

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")


def pdfs(pages: Iterable[str]) -> Iterator[bytes]:
    """Yield the PDF of each page, in order; A4, with a table of contents and with tags for screen readers.

    Pages run no script and reach no network. Chromium keeps its own sandbox, which it cannot have as root.

    Raises:
        UsageError: there is no Chromium here, or it does not start; the message says what to install.
    """
    from playwright.sync_api import Error, sync_playwright

    with sync_playwright() as playwright:
        try:
            found = next(filter(None, map(shutil.which, _NAMES)), None)
            browser = playwright.chromium.launch(executable_path=found, chromium_sandbox=os.geteuid() != 0)
        except Error as error:
            why = str(error).strip().partition("\n")[0]
            raise UsageError(
                "--pdf needs Chromium or Chrome: install the package `chromium`, or run "
                f"`playwright install chromium` ({why})"
            ) from error
        page = browser.new_page(java_script_enabled=False, offline=True)
        for html in pages:
            page.set_content(html)
            yield page.pdf(format="A4", prefer_css_page_size=True, tagged=True, outline=True)
        browser.close()
