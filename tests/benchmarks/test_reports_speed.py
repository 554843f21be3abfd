"""How fast reports are rendered. Run with `make bench`; the bound is printed beside the figure."""

from exhibit_examples import exhibit_record

from grader.reports.html import render_report


def test_one_report_with_every_exhibit(benchmark):
    """Curves, two confusion matrices and forty strips of images: a class of 300 in seconds. Bound 50 ms."""
    record = exhibit_record()
    render_report(record)  # templates are compiled once
    page = benchmark.pedantic(render_report, args=(record,), rounds=20)
    assert page.count("<img") == 41  # the strips, and the plot of the student
    benchmark.extra_info["page KB"] = len(page) >> 10
