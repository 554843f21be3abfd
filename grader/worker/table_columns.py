"""The columns of a pandas table as numpy arrays and lists, whatever pandas keeps them in.

pandas has several ways to keep the same numbers: as numpy's, as its own that may be missing (`Int64`), as categories,
sparse. Here equal values become equal columns.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def columns_of(frame: Any) -> list[np.ndarray[Any, Any] | list[Any]]:
    """Return the columns of a DataFrame in order: an array of numbers or bools, else a list, None for what is missing.

    Dates, periods and intervals become text.
    """
    return [_column(frame.iloc[:, place]) for place in range(frame.shape[1])]


def is_native(dtype: Any) -> bool:
    """Return whether torch has this numpy dtype: floats, integers and bool of at most eight bytes, but not uint64."""
    return isinstance(dtype, np.dtype) and dtype.kind in "fiub" and dtype.itemsize <= 8 and dtype.str[1:] != "u8"


def _column(series: Any) -> np.ndarray[Any, Any] | list[Any]:
    import pandas as pd

    kept_as = series.dtype.categories.dtype if isinstance(series.dtype, pd.CategoricalDtype) else series.dtype
    if isinstance(kept_as, (pd.DatetimeTZDtype, pd.PeriodDtype, pd.IntervalDtype)):
        return _as_text(series)
    array = series.to_numpy()
    if is_native(array.dtype):
        return np.asarray(array)
    if array.dtype.kind not in "OuU":
        return _as_text(series)
    return [None if item is pd.NA or item is pd.NaT else item for item in array.tolist()]


def _as_text(series: Any) -> list[Any]:
    return list(series.astype(str).tolist())
