"""Whether the decoder warns of damage in a JPEG; Pillow does not pass its warnings on.

Data that were changed on the way still decode, to an image whose lower part is wrong.
"""

from simplejpeg import decode_jpeg, decode_jpeg_header


def is_damaged(data: bytes) -> bool:
    """Whether the data of a JPEG that Pillow decodes are not what its image needs."""
    try:
        _, _, colours, _ = decode_jpeg_header(data)
    except ValueError:  # a layout that Pillow's decoder knows and this one does not
        return False
    try:
        # An eighth of the size: what is damaged shows in the data, not in the pixels.
        decode_jpeg(
            data,
            colorspace="CMYK" if colours in ("CMYK", "YCCK") else "GRAY",
            min_height=1,
            min_width=1,
            strict=True,
        )
    except ValueError:
        return True
    return False
