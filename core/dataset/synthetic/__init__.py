"""The synthetic smear: seeded, plausible stained cells for machines without the real images.

It makes a fresh machine, the tests and the examples whole. Nothing trained on it may be
presented as a model for real cells, so every file it writes says that it is synthetic.
"""

from core.dataset.synthetic.smear import Box
from core.dataset.synthetic.views import render_cell, render_field
from core.dataset.synthetic.write import example_cells, write_dataset

__all__ = ["Box", "example_cells", "render_cell", "render_field", "write_dataset"]
