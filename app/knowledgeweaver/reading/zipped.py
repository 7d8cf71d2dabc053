"""ZIP archives, which DOCX files are, looked at before anything is unpacked."""

from __future__ import annotations

import io
import zipfile

from knowledgeweaver.reading.text import Unreadable

#: The parts of a DOCX may hold this many bytes together, unpacked.
MAX_UNPACKED = 100_000_000
MAX_PARTS = 2_000


def check_archive(data: bytes) -> zipfile.ZipFile:
    """The archive, where it is whole and does not unpack to more than it should.

    Raises Unreadable: damaged, encrypted, too-large. What the directory claims is not enough: the
    sizes hold, because zipfile itself stops reading a part at the size that is written there.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise Unreadable("damaged", f"the archive is broken: {error}") from error
    parts = archive.infolist()
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise Unreadable("too-large", "the archive unpacks to too much")
    if any(part.flag_bits & 0x1 for part in parts):
        raise Unreadable("encrypted", "the archive asks for a password")
    return archive
