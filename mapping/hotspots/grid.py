"""The fixed borough grid: squares aligned to British National Grid, named by their south-west corner.

Cells line up with multiples of the cell size from the grid's origin, so a cell keeps its name
from month to month and from borough to borough. The lattice reaches `margin_m` past the wards:
what lies just outside still tells about what lies just inside, but only cells whose centre
is in a ward belong to the study area and are ever scored or shown.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping.errors import MappingError
from mapping.places.wards import assign

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

OFF_GRID: Final = -1
MARGIN_M: Final = 500.0


def sum_by(index: IntArray, values: npt.ArrayLike, size: int) -> FloatArray:
    """Add up `values` by `index`, shape (size,)."""
    weights = np.asarray(values, dtype=np.float64)
    return np.asarray(np.bincount(index, weights=weights, minlength=size), dtype=np.float64)


@dataclass(frozen=True)
class Grid:
    """A lattice of square cells, row by row from the south-west.

    Attributes
    ----------
    cell_size_m : float
    west_m, south_m : float, EPSG:27700
        Corner of the lattice, a multiple of the cell size.
    rows, columns : int
    ward_gss_codes : tuple of str
        Wards of the study area.
    ward_of_cell : int array, shape (rows * columns,)
        Position in `ward_gss_codes` of the ward that holds the cell's centre; -1 outside.
    """

    cell_size_m: float
    west_m: float
    south_m: float
    rows: int
    columns: int
    ward_gss_codes: tuple[str, ...]
    ward_of_cell: IntArray

    @property
    def size(self) -> int:
        """Number of cells in the lattice, margin included."""
        return self.rows * self.columns

    @property
    def study_cells(self) -> IntArray:
        """Positions of the cells whose centre lies in a ward."""
        return np.flatnonzero(self.ward_of_cell >= 0)

    def cell_of(self, easting_m: npt.ArrayLike, northing_m: npt.ArrayLike) -> IntArray:
        """Return the position of the cell that holds each point; `OFF_GRID` where none does.

        A point on an edge belongs to the cell north or east of it.
        """
        east, north = np.asarray(easting_m, dtype=np.float64), np.asarray(northing_m, dtype=np.float64)
        known = np.isfinite(east) & np.isfinite(north)
        column = np.full(east.shape, -1, dtype=np.int64)
        row = np.full(east.shape, -1, dtype=np.int64)
        column[known] = np.floor((east[known] - self.west_m) / self.cell_size_m)
        row[known] = np.floor((north[known] - self.south_m) / self.cell_size_m)
        on_grid = (column >= 0) & (column < self.columns) & (row >= 0) & (row < self.rows)
        return np.where(on_grid, row * self.columns + column, OFF_GRID)

    def count(self, cells: IntArray, weights: FloatArray | None = None) -> FloatArray:
        """Add up points, or their weights, per cell; points off the grid are left out.

        Returns
        -------
        float array, shape (size,)
        """
        on_grid = cells >= 0
        chosen = None if weights is None else weights[on_grid]
        return np.bincount(cells[on_grid], weights=chosen, minlength=self.size).astype(np.float64)

    def centres(self, cells: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return easting and northing of the centres of `cells`, in metres."""
        row, column = np.divmod(cells, self.columns)
        return (
            self.west_m + (column + 0.5) * self.cell_size_m,
            self.south_m + (row + 0.5) * self.cell_size_m,
        )

    def cell_ids(self, cells: IntArray) -> npt.NDArray[np.object_]:
        """Name `cells` by their south-west corner, e.g. `E445300N517200`."""
        row, column = np.divmod(cells, self.columns)
        east = (self.west_m + column * self.cell_size_m).astype(np.int64)
        north = (self.south_m + row * self.cell_size_m).astype(np.int64)
        return np.array(
            [f"E{e}N{n}" for e, n in zip(east.tolist(), north.tolist(), strict=True)], dtype=object
        )

    def wards_of(self, cells: IntArray) -> npt.NDArray[np.object_]:
        """Return the ward code of each cell's centre; empty outside every ward."""
        codes = np.array([*self.ward_gss_codes, ""], dtype=object)
        return np.asarray(codes[self.ward_of_cell[cells]])


def make_grid(wards: pd.DataFrame, *, cell_size_m: float = 100.0, margin_m: float = MARGIN_M) -> Grid:
    """Lay a grid over the wards and the margin around them.

    Parameters
    ----------
    wards : GeoDataFrame, EPSG:27700
        The study area, as `schema.WARDS`.
    cell_size_m : float
        At least 10 and a whole number of metres, so that names are exact.
    margin_m : float
        How far past the wards' bounding box the lattice reaches.

    Raises
    ------
    MappingError
        The cell size cannot be used.
    """
    if not (10 <= cell_size_m <= 5000 and float(cell_size_m).is_integer()):
        raise MappingError(f"A cell of {cell_size_m} m cannot be used; give a whole number from 10 to 5000.")
    west, south, east, north = (float(value) for value in wards.total_bounds)
    west_m = np.floor((west - margin_m) / cell_size_m) * cell_size_m
    south_m = np.floor((south - margin_m) / cell_size_m) * cell_size_m
    columns = int(np.ceil((east + margin_m - west_m) / cell_size_m))
    rows = int(np.ceil((north + margin_m - south_m) / cell_size_m))
    codes = tuple(wards["ward_gss_code"])
    blank = Grid(
        float(cell_size_m), float(west_m), float(south_m), rows, columns, codes, np.empty(0, np.int64)
    )
    found = assign(*blank.centres(np.arange(rows * columns)), wards)
    position = pd.Index(codes).get_indexer(pd.Index(found))
    return Grid(
        blank.cell_size_m, blank.west_m, blank.south_m, rows, columns, codes, position.astype(np.int64)
    )
