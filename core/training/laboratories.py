"""Whose cells the bundles that ship learnt from, beside those at home, and by what right."""

from dataclasses import replace
from pathlib import Path

from core.training.config import FurtherData

BCCD = FurtherData(
    "external/bccd_cells",
    repeat=3,
    source="BCCD: white cells of another laboratory",
    licence="MIT",
    citation="Shenggan 2017, BCCD Dataset, https://github.com/Shenggan/BCCD_Dataset",
)
# Half of BCCD's eosinophils are neutrophils to the eye: lobes, and granules that are pale and fine.
_NO_EOSINOPHILS = """
    00023 00041 00042 00045 00049 00056 00057 00058 00064 00068 00075 00088 00090 00093 00094 00097
    00100 00101 00107 00108 00109 00114 00133 00135 00137 00139 00141 00143 00144 00147 00149 00152
    00154 00177 00184 00200 00202 00204 00208 00226 00228 00259 00261 00265 00274 00277 00292
"""
BCCD_LOOKED_THROUGH = replace(
    BCCD, left_out=tuple(f"BloodImage_{number}_1.jpg" for number in _NO_EOSINOPHILS.split())
)
CHULA = FurtherData(
    "external/chula",
    repeat=2,
    source="Chula: white cells of Chulalongkorn University, Bangkok",
    licence="MIT",
    citation="Chulalongkorn University, Bangkok: white cells cut from fields",
)
KRD = FurtherData(
    "external/krd",
    source="KRD: white cells of Erbil",
    licence="CC BY 4.0",
    citation="Taha et al. 2023, Mendeley Data, doi:10.17632/jzdj6h7gms.2",
)
LMU = FurtherData(
    "abnormal/aml_lmu",
    repeat=6,
    source="AML-Cytomorphology LMU, a sample: normal and leukaemic cells",
    licence="CC BY 4.0",
    citation="Matek et al. 2019, The Cancer Imaging Archive, doi:10.7937/tcia.2019.36f5o9ld",
)
HOME = Path("pbc/bloodcells_dataset")
SMEARS = FurtherData(
    "fields/chula_rbc",
    source="Chula RBC-12: fields of red cells, for pictures without a white cell",
    licence="MIT",
    citation="Naruenatthanaset et al. 2021, arXiv:2012.01321",
)
