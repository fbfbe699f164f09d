"""The one physical scale at which cells are found, and the kinds of cells that are."""

Colour = tuple[int, int, int]  # red, green, blue, 0 to 255

KINDS = ("wbc", "rbc", "platelet")
WBC, RBC, PLATELET = range(len(KINDS))

RED_CELL_UM = 7.5  # median diameter of red cells, the ruler in every smear
RED_CELL_PX = 24.0  # and what it is made where cells are found
UM_PER_PX = RED_CELL_UM / RED_CELL_PX
